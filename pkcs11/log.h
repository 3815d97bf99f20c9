// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "pkcs11/cryptoki.h"

namespace fncard::pkcs11 {

/// Reads FNCARD_LOG, the only time until the next call: "debug" turns the log on, to the standard
/// error stream; "debug:/path" to that file, which is made for this user alone. Ignored in
/// set-user-id programs.
void configureLog();
bool logEnabled();

/// One line: the function, its code by name, how long it took and why it failed. No argument of a
/// call is ever written.
void logCall(std::string_view function, CK_RV rv, std::chrono::microseconds took,
             std::string_view detail);
/// One line of another kind.
void logLine(std::string_view text);

/// "CKR_OK"; empty for a code that has no name here.
std::string_view nameOf(CK_RV rv);

}  // namespace fncard::pkcs11
