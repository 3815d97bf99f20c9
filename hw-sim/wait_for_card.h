// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace fncard::hw_sim {

enum class WaitResult { Seen, NoService, NoCard };

/// Waits until the PC's smart-card service reports cards in at least so many readers. A client of
/// PC/SC only: it connects to no card and sends no APDU.
WaitResult waitForCards(unsigned count, std::chrono::milliseconds limit);

}  // namespace fncard::hw_sim
