// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "pkcs11/status.h"

namespace fncard::pkcs11 {

inline constexpr CK_VERSION kVersion240{2, 40};

/// Calls a twin and turns what comes back into a code, also an exception: nothing is thrown into
/// the host. Leaves no error in the host's OpenSSL queue, and logs when asked to.
CK_RV answer(std::string_view function, const std::function<Status()>& twin) noexcept;

}  // namespace fncard::pkcs11
