// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <chrono>

#include "agent-link/listener.h"
#include "agent/local/visit.h"

namespace fncard::agent {

/// The front door for programs of this user on this PC: the socket of agent-link. One question a
/// connection; whoever closes the connection has withdrawn it.
class LocalDoor {
 public:
  static constexpr qsizetype kMaxVisits = 16;

  /// readLimit: how long a program may take to put its question.
  LocalDoor(agent_link::Listener listener, Desks desks, std::chrono::milliseconds readLimit);

 private:
  void accept();

  agent_link::Listener listener_;
  Desks desks_;
  std::chrono::milliseconds readLimit_;
  QSocketNotifier notifier_;
  QObject visits_;  // their parent
};

}  // namespace fncard::agent
