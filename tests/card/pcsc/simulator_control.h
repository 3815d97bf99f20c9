// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fncard::card::testing {

/// The value that scripts/with-card put into the environment; the test fails without it.
std::string fromEnvironment(const char* name);

/// One command to the simulator that scripts/with-card runs ("remove", "insert", "reset",
/// "fault after 3 remove", …); the test fails unless it answers "ok".
void control(const std::string& command);

/// Commands that the simulated card has answered so far.
int exchangesInLog();

}  // namespace fncard::card::testing
