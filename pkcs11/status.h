// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "card/error.h"
#include "pkcs11/cryptoki.h"

namespace fncard::pkcs11 {

/// Why a function of the module fails: the standard's code, and a detail for the log without
/// secrets.
struct Failure {
  CK_RV rv = CKR_GENERAL_ERROR;
  std::string detail;
};

template <typename T>
using Result = tl::expected<T, Failure>;
using Status = Result<void>;
/// What the named constructors below return; converts to any Result.
using Refusal = tl::unexpected<Failure>;

Refusal refuse(CK_RV rv, std::string_view detail);

Refusal notInitialized();
Refusal nullArgument(std::string_view name);
Refusal badArgument(std::string_view detail);
Refusal slotUnknown(CK_SLOT_ID slot);
Refusal tokenNotPresent();
Refusal deviceRemoved();
Refusal sessionUnknown();
Refusal sessionClosed();  ///< while the call went on
Refusal objectUnknown();
Refusal keyUnknown();
Refusal operationActive();
Refusal operationNotInitialized();
Refusal mechanismInvalid(CK_MECHANISM_TYPE mechanism);
Refusal mechanismParameterInvalid(std::string_view detail);
Refusal userNotLoggedIn();
Refusal notSupported();
Refusal hostFailed(std::string_view what);  ///< OpenSSL or the system refused: CKR_FUNCTION_FAILED

/// What went wrong at the card, translated once.
Refusal cardFailure(const card::Error& error);

/// Hands the failure of one result on to another.
template <typename T>
Refusal passOn(Result<T>& result) {
  return Refusal(std::move(result).error());
}

}  // namespace fncard::pkcs11
