// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "agent-link/pin_request.h"

namespace fncard::agent_link {

/// Asks the person for the PIN in the agent's window, and waits for the answer until the deadline.
/// Ends with Cancelled as soon as cancel becomes readable or is closed at its other end (a pipe, an
/// eventfd; -1: none); nothing is read from it. The agent closes its window when this gives up.
/// May be called from any thread, in a process of any kind: raises no signal, changes nothing of
/// the process, leaves no descriptor open.
tl::expected<card::Pin, Error> askPin(const PinRequest& request,
                                      std::chrono::steady_clock::time_point deadline,
                                      int cancel = -1);

}  // namespace fncard::agent_link
