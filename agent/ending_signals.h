// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <memory>

#include "agent-link/descriptor.h"

namespace fncard::agent {

/// SIGTERM, SIGINT and SIGHUP as an event of the loop. Made before any thread starts, so that none
/// takes the signals; watched once there is a loop.
class EndingSignals {
 public:
  EndingSignals();
  void watch(std::function<void()> onSignal);

 private:
  agent_link::Descriptor descriptor_;
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace fncard::agent
