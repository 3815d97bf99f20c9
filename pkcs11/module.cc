// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/module.h"

#include <pthread.h>

#include <mutex>
#include <vector>

#include "card/card.h"
#include "pkcs11/log.h"

namespace fncard::pkcs11::module {

namespace {

struct State {
  std::mutex mutex;                    // held for moments only, so that a fork() never waits long
  std::shared_ptr<Provider> provider;  // guarded by mutex
  std::function<Platform()> platform;  // guarded by mutex
  /// What a child inherited, kept so that no destructor touches the parent's connections.
  std::vector<std::shared_ptr<Provider>> inherited;
};

/// Never destroyed: other threads may still call while the process ends.
State& state() {
  static State& only = *new State;
  return only;
}

Platform pcscPlatform() {
  Platform platform{.readers = card::makePcscService(), .settings = settingsOfThisProgram()};
  for (const std::string& complaint : platform.settings.complaints) {
    logLine("configuration: " + complaint);
  }
  platform.openCard = [readers = platform.readers.get()](const std::string& readerName) {
    return card::openCard(*readers, readerName);
  };
  return platform;
}

void beforeFork() {
  state().mutex.lock();
}
void afterForkInParent() {
  state().mutex.unlock();
}
void afterForkInChild() {
  if (state().provider) {
    state().inherited.push_back(std::move(state().provider));
    state().provider.reset();
  }
  state().mutex.unlock();
}

void watchForks() {
  static const int registered = pthread_atfork(beforeFork, afterForkInParent, afterForkInChild);
  static_cast<void>(registered);
}

}  // namespace

Status start() {
  watchForks();
  std::function<Platform()> platform;
  {
    const std::lock_guard lock(state().mutex);
    if (state().provider) {
      return refuse(CKR_CRYPTOKI_ALREADY_INITIALIZED, "initialised");
    }
    platform = state().platform;
  }
  auto provider = std::make_shared<Provider>(platform ? platform() : pcscPlatform());
  const std::lock_guard lock(state().mutex);
  if (state().provider) {
    return refuse(CKR_CRYPTOKI_ALREADY_INITIALIZED, "initialised by another thread");
  }
  state().provider = std::move(provider);
  return {};
}

Status stop() {
  std::shared_ptr<Provider> provider;
  {
    const std::lock_guard lock(state().mutex);
    provider = std::move(state().provider);
    state().provider.reset();
  }
  if (!provider) {
    return notInitialized();
  }
  provider->shutDown();
  return {};
}

Result<std::shared_ptr<Provider>> provider() {
  const std::lock_guard lock(state().mutex);
  if (!state().provider) {
    return notInitialized();
  }
  return state().provider;
}

void setPlatform(std::function<Platform()> platform) {
  const std::lock_guard lock(state().mutex);
  state().platform = std::move(platform);
}

}  // namespace fncard::pkcs11::module
