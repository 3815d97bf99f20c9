// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>

#include "agent/core/pin_desk.h"
#include "agent/operations/cancel_limit.h"
#include "agent/operations/operations.h"

namespace fncard::agent {

/// Where requests of sites queue: one is worked on at a time, in a thread of its own that may wait
/// for the card; a few wait, the rest are turned away. Lives in the thread of the event loop. The
/// windows are the PinDesk's, so that sites and programs together have one window. Its end waits
/// for the card command that is going on.
class RequestDesk {
 public:
  static constexpr std::size_t kMaxWaiting = 3;
  using Ticket = std::uint64_t;
  using Handler = std::function<void(const operations::Result<operations::Answer>&)>;

  RequestDesk(card::ReaderService& readers, PinDesk& windows);

  /// done is called once, from the event loop and never from inside this call, unless the request
  /// is withdrawn before. Nothing when kMaxWaiting wait already, or when the person was asked too
  /// often for this origin (CancelLimit); done is not called then.
  std::optional<Ticket> ask(operations::Request request, Handler done);

  /// The asker went away: its window closes, nothing more goes to the card for it.
  void withdraw(Ticket ticket);

 private:
  /// Asks in the windows, from the working thread.
  class WindowPerson : public operations::Person {
   public:
    WindowPerson(PinDesk& windows, QObject& loop) : windows_(windows), loop_(loop) {}
    operations::Result<operations::Consent> ask(const operations::Question& question,
                                                const std::stop_token& stop) override;

   private:
    PinDesk& windows_;
    QObject& loop_;
  };
  struct Entry {
    Ticket ticket = 0;
    operations::Request request;
    Handler done;
  };

  void startNext();
  void finished(const operations::Result<operations::Answer>& answer);

  QObject loop_;  // whose thread's event loop does what is handed over
  WindowPerson person_;
  operations::Operations operations_;
  operations::CancelLimit cancels_;
  std::deque<Entry> entries_;  // the first is worked on
  Ticket lastTicket_ = 0;
  std::jthread worker_;  // the first to go: it uses the others
};

}  // namespace fncard::agent
