// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <chrono>
#include <functional>
#include <string>

#include "agent-link/frame.h"
#include "agent-link/listener.h"
#include "agent/core/pin_desk.h"
#include "agent/core/request_desk.h"
#include "agent/native/message.h"

namespace fncard::agent {

/// What visitors may ask for: a PIN, or what a site asks for through the browser's extension.
struct Desks {
  PinDesk& pins;
  RequestDesk& requests;
};

/// One connection: reads the question, waits for the answer, sends it, and deletes itself.
class Visit : public QObject {
 public:
  Visit(agent_link::Connection connection, Desks desks, std::chrono::milliseconds readLimit,
        QObject* parent);
  ~Visit() override;
  Q_DISABLE_COPY_MOVE(Visit)

 private:
  void read();
  void ask();
  void askPin(agent_link::PinRequest request);
  void askFor(native::Call call);
  void answer(const PinAnswer& given);
  void answer(const std::string& json);
  void sendAndEnd(ByteView frame);
  void end();

  agent_link::Descriptor socket_;
  agent_link::Peer peer_;
  Desks desks_;
  agent_link::FrameReader reader_{agent_link::kMaxRequest};
  QSocketNotifier notifier_;
  QTimer readLimit_;
  std::function<void()> withdraw_;  // what was asked, while there is no answer
};

}  // namespace fncard::agent
