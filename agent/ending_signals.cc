// SPDX-License-Identifier: Apache-2.0
#include "agent/ending_signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <utility>

namespace fncard::agent {

EndingSignals::EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int ending : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, ending);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = agent_link::Descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void EndingSignals::watch(std::function<void()> onSignal) {
  notifier_ = std::make_unique<QSocketNotifier>(descriptor_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated,
                   [this, onSignal = std::move(onSignal)] {
                     notifier_->setEnabled(false);
                     onSignal();
                   });
}

}  // namespace fncard::agent
