// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "activation-client/cli/output.h"
#include "activation-client/cli/prompt.h"
#include "card/card_application.h"

namespace fncard::activation_client {

/// Before the current PIN is asked for: says how many tries are left, and lets the person decide
/// about the last one at the terminal. Done, or the program's exit code when it does not go on;
/// the reason was said.
int checkTries(const card::PinStatus& status, bool useLastTry, Prompt& prompt,
               const Output& output);

}  // namespace fncard::activation_client
