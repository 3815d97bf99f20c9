// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTimer>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "agent/core/pin_question.h"

namespace fncard::agent {

/// Where questions for the PIN queue: one window at a time, a few wait, the rest are turned away.
/// Lives in the thread of the event loop.
class PinDesk {
 public:
  static constexpr std::size_t kMaxWaiting = 3;
  using Ticket = std::uint64_t;

  /// limit: how long one window stays open before the answer is TimedOut.
  PinDesk(ShowPinWindow show, std::chrono::milliseconds limit);

  /// answer is called once, unless the question is withdrawn before. Nothing when kMaxWaiting wait
  /// already; answer is not called then.
  std::optional<Ticket> ask(PinQuestion question, AnswerHandler answer);

  /// The asker went away: the window closes, or the question leaves the queue. A ticket whose
  /// question was answered is no error.
  void withdraw(Ticket ticket);

 private:
  struct Entry {
    Ticket ticket = 0;
    PinQuestion question;
    AnswerHandler answer;
  };

  void showNext();
  void answered(Ticket ticket, PinAnswer answer);
  void closeWindow();

  ShowPinWindow show_;
  std::deque<Entry> entries_;  // the first is the one that is shown
  std::unique_ptr<PinWindow> window_;
  QTimer limit_;
  Ticket lastTicket_ = 0;
};

}  // namespace fncard::agent
