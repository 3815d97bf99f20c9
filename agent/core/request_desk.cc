// SPDX-License-Identifier: Apache-2.0
#include "agent/core/request_desk.h"

#include <QMetaObject>
#include <algorithm>
#include <future>
#include <memory>
#include <mutex>
#include <utility>

namespace fncard::agent {
namespace {

using Clock = operations::CancelLimit::Clock;
using operations::Answer;
using operations::Consent;
using operations::Question;
using operations::Refusal;
using operations::Result;

/// One question on its way between the two threads: answered once, by whoever is first.
class Asked {
 public:
  void settle(Result<Consent> answer) {
    std::call_once(once_, [&] { answer_.set_value(std::move(answer)); });
  }
  Result<Consent> wait() { return answer_.get_future().get(); }

  bool withdrawn = false;                 ///< of the event loop's thread, like
  std::optional<PinDesk::Ticket> ticket;  ///< this

 private:
  std::once_flag once_;
  std::promise<Result<Consent>> answer_;
};

Refusal refusalOf(agent_link::Error error) {
  switch (error) {
    case agent_link::Error::Busy:
      return Refusal::Busy;
    case agent_link::Error::TimedOut:
      return Refusal::TimedOut;
    default:
      return Refusal::Cancelled;
  }
}

}  // namespace

Result<Consent> RequestDesk::WindowPerson::ask(const Question& question,
                                               const std::stop_token& stop) {
  const auto asked = std::make_shared<Asked>();
  QMetaObject::invokeMethod(
      &loop_,
      [this, asked, question] {
        if (asked->withdrawn) {
          return;
        }
        asked->ticket = windows_.ask({.site = question}, [asked](PinAnswer answer) {
          asked->settle(answer ? Result<Consent>(std::move(*answer))
                               : tl::unexpected(refusalOf(answer.error())));
        });
        if (!asked->ticket) {
          asked->settle(tl::unexpected(Refusal::Busy));
        }
      },
      Qt::QueuedConnection);
  const std::stop_callback stopped(stop, [this, asked] {
    asked->settle(tl::unexpected(Refusal::Cancelled));
    QMetaObject::invokeMethod(
        &loop_,
        [this, asked] {
          asked->withdrawn = true;
          if (asked->ticket) {
            windows_.withdraw(*asked->ticket);
          }
        },
        Qt::QueuedConnection);
  });
  return asked->wait();
}

RequestDesk::RequestDesk(card::ReaderService& readers, PinDesk& windows)
    : person_(windows, loop_), operations_(readers, person_) {}

std::optional<RequestDesk::Ticket> RequestDesk::ask(operations::Request request, Handler done) {
  if (entries_.size() > kMaxWaiting || !cancels_.mayAsk(request.origin, Clock::now())) {
    return std::nullopt;
  }
  const Ticket ticket = ++lastTicket_;
  entries_.push_back({.ticket = ticket, .request = std::move(request), .done = std::move(done)});
  if (entries_.size() == 1) {
    startNext();
  }
  return ticket;
}

void RequestDesk::withdraw(Ticket ticket) {
  const auto place = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (place == entries_.end()) {
    return;
  }
  if (place == entries_.begin()) {
    place->done = nullptr;  // its thread goes on for as long as a card command takes
    worker_.request_stop();
  } else {
    entries_.erase(place);
  }
}

void RequestDesk::startNext() {
  if (entries_.empty()) {
    return;
  }
  worker_ = std::jthread([this, request = entries_.front().request](const std::stop_token& stop) {
    auto answer = operations_.run(request, stop);
    QMetaObject::invokeMethod(
        &loop_, [this, answer = std::move(answer)] { finished(answer); }, Qt::QueuedConnection);
  });
}

void RequestDesk::finished(const Result<Answer>& answer) {
  const Handler done = std::move(entries_.front().done);
  if (done) {  // otherwise it was the asker who went away
    const bool cancelled = !answer && answer.error() == Refusal::Cancelled;
    cancels_.answered(entries_.front().request.origin, cancelled, Clock::now());
  }
  entries_.pop_front();
  startNext();
  if (done) {
    done(answer);
  }
}

}  // namespace fncard::agent
