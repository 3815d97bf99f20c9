// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/pin_dialog.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

#include "agent-link/client.h"
#include "agent-link/descriptor.h"

namespace fncard::pkcs11 {

namespace {

/// The agent gives up before that; this is for one that does not.
constexpr std::chrono::minutes kLongestDialog{5};
constexpr std::chrono::milliseconds kLookAgain{200};

/// A thread that is started while this lives takes no signal of the host's.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

/// Looks whether the wait goes on, in a thread of its own that ends with this; where it does not,
/// the descriptor becomes readable.
class Watch {
 public:
  explicit Watch(const StillWanted& stillWanted)
      : stillWanted_(stillWanted), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    const NoSignals quiet;
    thread_ = std::thread([this] { look(); });
  }
  ~Watch() { end(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] int descriptor() const { return event_.get(); }

  /// What it saw last, once it has ended.
  Status end() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        over_ = true;
      }
      changed_.notify_one();
      thread_.join();
    }
    return seen_;
  }

 private:
  void look() noexcept {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kLookAgain, [this] { return over_; })) {
      lock.unlock();
      Status now = lookOnce();
      lock.lock();
      if (!now) {
        seen_ = std::move(now);
        eventfd_write(event_.get(), 1);
        return;
      }
    }
  }
  [[nodiscard]] Status lookOnce() const noexcept {
    try {
      return stillWanted_();
    } catch (...) {  // out of memory: the next look may tell
      return {};
    }
  }

  const StillWanted& stillWanted_;
  const agent_link::Descriptor event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mutex_
  Status seen_;        // of the thread, until it has ended
  std::thread thread_;
};

Refusal failure(agent_link::Error error) {
  switch (error) {
    case agent_link::Error::Cancelled:
      return refuse(CKR_FUNCTION_CANCELED, "cancelled in the agent's window");
    case agent_link::Error::TimedOut:
      return refuse(CKR_FUNCTION_CANCELED, "nobody answered in the agent's window");
    case agent_link::Error::NoAgent:
      return refuse(CKR_FUNCTION_FAILED,
                    "no agent runs, which always-authenticate = \"dialog\" needs");
    case agent_link::Error::Busy:
      return refuse(CKR_FUNCTION_FAILED, "the agent has too many questions");
    case agent_link::Error::Refused:
      break;
  }
  return refuse(CKR_FUNCTION_FAILED, "the agent did not take the question");
}

}  // namespace

Result<card::Pin> askByAgent(const agent_link::PinRequest& request,
                             const StillWanted& stillWanted) {
  if (auto now = stillWanted(); !now) {
    return passOn(now);
  }
  try {
    Watch watch(stillWanted);
    if (watch.descriptor() < 0) {
      return hostFailed("no descriptor to be woken by");
    }
    auto pin = agent_link::askPin(request, std::chrono::steady_clock::now() + kLongestDialog,
                                  watch.descriptor());
    if (auto seen = watch.end(); !seen) {
      return passOn(seen);
    }
    return pin ? Result<card::Pin>(std::move(*pin)) : failure(pin.error());
  } catch (const std::system_error&) {
    return hostFailed("no thread to watch with");
  }
}

}  // namespace fncard::pkcs11
