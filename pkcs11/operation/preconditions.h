// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "pkcs11/mechanism.h"
#include "pkcs11/object.h"

namespace fncard::pkcs11 {

/// What must hold before any operation begins: the mechanism does this use (CKF_SIGN, CKF_VERIFY,
/// CKF_DECRYPT, CKF_ENCRYPT or CKF_DERIVE), the key is of its kind and is for it, and a mechanism
/// without parameter has none.
Result<const Mechanism*> checkUse(const CK_MECHANISM& mechanism, const Object& key, CK_FLAGS use);

/// The parameter of a mechanism as the standard's structure; CKR_MECHANISM_PARAM_INVALID for any
/// other size. Copied, because a caller's pointer need not be aligned.
template <typename Parameter>
Result<Parameter> readParameter(const CK_MECHANISM& mechanism) {
  Parameter parameter;
  if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof(parameter)) {
    return mechanismParameterInvalid("the parameter has another size");
  }
  std::memcpy(&parameter, mechanism.pParameter, sizeof(parameter));
  return parameter;
}

}  // namespace fncard::pkcs11
