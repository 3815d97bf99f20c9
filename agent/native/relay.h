// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "messages/messages.h"

namespace fncard::agent::native {

/// Between a browser's extension and the running agent: says hello, passes one message to the agent
/// and its answer back. The browser's end closing is a cancel.
struct Relay {
  int input = 0;   ///< from the browser
  int output = 1;  ///< to the browser
  messages::Language language = messages::Language::English;
  /// Called once where no agent runs; false when it cannot be started.
  std::function<bool()> startAgent;
  std::chrono::milliseconds startLimit{};  ///< how long a started agent may take to listen

  /// True when the browser got an answer, also one that says why not, or left before it asked.
  [[nodiscard]] bool run() const;
};

}  // namespace fncard::agent::native
