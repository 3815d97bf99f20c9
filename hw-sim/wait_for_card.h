// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace fncard::hw_sim {

enum class WaitResult { Seen, NoService, NotSeen };

/// Waits until the PC's smart-card service reports a reader of that name, or any reader when it is
/// empty, with a card in it or without as asked. A client of PC/SC only: it connects to no card and
/// sends no APDU.
WaitResult waitForCard(const std::string& reader, bool present, std::chrono::milliseconds limit);

}  // namespace fncard::hw_sim
