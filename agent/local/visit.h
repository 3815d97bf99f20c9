// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <chrono>
#include <optional>

#include "agent-link/frame.h"
#include "agent-link/listener.h"
#include "agent/core/pin_desk.h"

namespace fncard::agent {

/// One connection: reads the question, waits for the answer, sends it, and deletes itself.
class Visit : public QObject {
 public:
  Visit(agent_link::Connection connection, PinDesk& desk, std::chrono::milliseconds readLimit,
        QObject* parent);
  ~Visit() override;
  Q_DISABLE_COPY_MOVE(Visit)

 private:
  void read();
  void ask();
  void answer(const PinAnswer& given);
  void end();

  agent_link::Descriptor socket_;
  agent_link::Peer peer_;
  PinDesk& desk_;
  agent_link::FrameReader reader_{agent_link::kMaxRequest};
  QSocketNotifier notifier_;
  QTimer readLimit_;
  std::optional<PinDesk::Ticket> ticket_;
};

}  // namespace fncard::agent
