// SPDX-License-Identifier: Apache-2.0
#include "agent/local/local_door.h"

#include <utility>

namespace fncard::agent {

LocalDoor::LocalDoor(agent_link::Listener listener, Desks desks,
                     std::chrono::milliseconds readLimit)
    : listener_(std::move(listener)),
      desks_(desks),
      readLimit_(readLimit),
      notifier_(listener_.descriptor(), QSocketNotifier::Read) {
  QObject::connect(&notifier_, &QSocketNotifier::activated, [this] { accept(); });
}

void LocalDoor::accept() {
  auto connection = listener_.accept();
  if (!connection) {
    return;
  }
  auto* const visit = new Visit(std::move(*connection), desks_, readLimit_, &visits_);
  // Further programs wait at the socket, where the system lets only a few.
  notifier_.setEnabled(visits_.children().size() < kMaxVisits);
  QObject::connect(visit, &QObject::destroyed, &visits_, [this] { notifier_.setEnabled(true); });
}

}  // namespace fncard::agent
