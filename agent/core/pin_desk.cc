// SPDX-License-Identifier: Apache-2.0
#include "agent/core/pin_desk.h"

#include <algorithm>
#include <utility>

namespace fncard::agent {

PinDesk::PinDesk(ShowPinWindow show, std::chrono::milliseconds limit) : show_(std::move(show)) {
  limit_.setSingleShot(true);
  limit_.setInterval(limit);
  QObject::connect(&limit_, &QTimer::timeout, [this] {
    answered(entries_.front().ticket, tl::unexpected(agent_link::Error::TimedOut));
  });
}

std::optional<PinDesk::Ticket> PinDesk::ask(PinQuestion question, AnswerHandler answer) {
  if (entries_.size() > kMaxWaiting) {
    return std::nullopt;
  }
  const Ticket ticket = ++lastTicket_;
  entries_.push_back(
      {.ticket = ticket, .question = std::move(question), .answer = std::move(answer)});
  showNext();
  return ticket;
}

void PinDesk::withdraw(Ticket ticket) {
  const auto place = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (place == entries_.end()) {
    return;
  }
  const bool shown = place == entries_.begin();
  entries_.erase(place);
  if (shown) {
    closeWindow();
    showNext();
  }
}

void PinDesk::showNext() {
  if (entries_.empty() || window_) {
    return;
  }
  const Ticket ticket = entries_.front().ticket;
  window_ = show_(entries_.front().question,
                  [this, ticket](PinAnswer answer) { answered(ticket, std::move(answer)); });
  limit_.start();
}

void PinDesk::answered(Ticket ticket, PinAnswer answer) {
  if (entries_.empty() || entries_.front().ticket != ticket) {
    return;
  }
  const AnswerHandler handler = std::move(entries_.front().answer);
  entries_.pop_front();
  closeWindow();
  handler(std::move(answer));
  showNext();
}

void PinDesk::closeWindow() {
  limit_.stop();
  window_.reset();
}

}  // namespace fncard::agent
