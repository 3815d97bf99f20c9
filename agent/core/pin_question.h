// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "agent-link/pin_request.h"
#include "agent/operations/person.h"

namespace fncard::agent {

/// A question for the person: a program's for the PIN, with what this PC itself knows of the asker,
/// or a site's.
struct PinQuestion {
  agent_link::PinRequest request;
  std::string programFile;  ///< of the asking process, as the kernel says; empty where it does not
  std::optional<operations::Question> site;  ///< the question instead, where a site asks
};

/// Consent, with the PIN unless a site's question wants none.
using PinAnswer = tl::expected<operations::Consent, agent_link::Error>;
using AnswerHandler = std::function<void(PinAnswer)>;

/// A window that shows one question. Its destruction closes it and forgets what was typed.
class PinWindow {
 public:
  virtual ~PinWindow() = default;
};

/// Opens a window. The handler is called at most once, from the event loop and never from inside
/// this call; it may destroy the window.
using ShowPinWindow = std::function<std::unique_ptr<PinWindow>(const PinQuestion&, AnswerHandler)>;

}  // namespace fncard::agent
