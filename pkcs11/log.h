// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "pkcs11/cryptoki.h"

namespace fncard::pkcs11 {

/// Reads FNCARD_LOG: "debug" turns the log on. Ignored in set-user-id programs.
void configureLog();
bool logEnabled();

/// One line on the standard error stream: the function, its code, how long it took and why it
/// failed. No argument of a call is ever written.
void logCall(std::string_view function, CK_RV rv, std::chrono::microseconds took,
             std::string_view detail);

}  // namespace fncard::pkcs11
