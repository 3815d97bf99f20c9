// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace fncard::hw_sim {

enum class WaitResult { Seen, NoService, NotSeen };

/// A mute card is no card to Present and to Absent; Mute waits for one.
enum class WaitFor { Present, Absent, Mute, NoReader };

/// Waits until the PC's smart-card service reports a reader of that name, or any reader when it is
/// empty, in the state that is asked for; NoReader: until there is none of that name, or it is
/// unavailable. A client of PC/SC only: it connects to no card and sends no APDU.
WaitResult waitForCard(const std::string& reader, WaitFor wanted, std::chrono::milliseconds limit);

}  // namespace fncard::hw_sim
