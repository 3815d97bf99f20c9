// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "card/pcsc/connection.h"
#include "card/pcsc/context.h"
#include "card/pcsc/pcsc_error.h"
#include "card/pcsc/reader_list.h"
#include "card/reader.h"

namespace fncard::card {
namespace pcsc {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Where a wait is blind at its start (reader_list.h) the readers are looked at again: soon after a
// change, for a second reader of the same device often follows, then ever more rarely.
// libpcsclite's own wait without a limit wakes once a minute too.
constexpr milliseconds kFirstLook{100};
constexpr milliseconds kLastLook{60'000};
constexpr milliseconds kLookForLeftOutReaders{1'000};
constexpr milliseconds kLongestWait = std::chrono::hours(24);  // fits a DWORD
constexpr milliseconds kFirstCancelAgain{1};
constexpr milliseconds kLastCancelAgain{64};

/// A context that is established when it is first needed, and anew when the service went away.
template <typename Call>
LONG withContext(std::optional<Context>& context, Call call) {
  LONG code = SCARD_E_NO_SERVICE;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!context || !context->usable()) {
      auto established = Context::establish();
      if (!established) {
        return SCARD_E_NO_SERVICE;
      }
      context = std::move(*established);
    }
    code = call(context->handle());
    if (!serviceLost(code)) {
      return code;
    }
    context.reset();
  }
  return code;
}

class PcscService final : public ReaderService {
 public:
  Result<std::vector<ReaderState>> readers() override {
    const std::scoped_lock lock(listMutex_);
    Snapshot snapshot;
    const LONG code = withContext(
        listContext_, [&](SCARDCONTEXT context) { return takeSnapshot(context, snapshot); });
    if (code != SCARD_S_SUCCESS) {
      return tl::unexpected(toError(code, "list of readers"));
    }
    return describe(snapshot);
  }

  Result<std::unique_ptr<Connection>> connect(const std::string& readerName) override {
    return PcscConnection::open(readerName);
  }

  Result<std::vector<ReaderState>> waitForChange(const std::vector<ReaderState>& known,
                                                 milliseconds limit) override {
    std::unique_lock lock(waitMutex_);
    waitEnded_.wait(lock, [this] { return !waiting_; });
    waiting_ = true;
    lock.unlock();
    auto result = waitOnOwnContext(known, steady_clock::now() + std::min(limit, kLongestWait));
    lock.lock();
    waiting_ = false;
    cancelRequested_ = false;
    lock.unlock();
    waitEnded_.notify_all();
    return result;
  }

  void cancelWait() override {
    std::unique_lock lock(waitMutex_);
    cancelRequested_ = true;
    // SCardCancel does nothing, and does not say so, while SCardGetStatusChange is on its way into
    // the wait (libpcsclite's "cancellable"): only there it is said again. Everywhere else the
    // waiting thread looks at cancelRequested_.
    for (auto pause = kFirstCancelAgain; callHandle_ && cancelRequested_;
         pause = std::min(2 * pause, kLastCancelAgain)) {
      cancelSaid_ = true;
      SCardCancel(*callHandle_);
      callEnded_.wait_for(lock, pause, [this] { return !callHandle_ || !cancelRequested_; });
    }
  }

 private:
  Result<std::vector<ReaderState>> waitOnOwnContext(const std::vector<ReaderState>& known,
                                                    steady_clock::time_point end) {
    milliseconds nextLook = kFirstLook;
    while (!cancelled()) {
      Snapshot snapshot;
      LONG code = withContext(waitContext_, [&](SCARDCONTEXT context) {
        return takeSnapshotToWait(context, snapshot);
      });
      if (code != SCARD_S_SUCCESS) {
        return tl::unexpected(toError(code, "list of readers"));
      }
      auto now = describe(snapshot);
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      if (!sameReaders(now, known) || left <= milliseconds::zero()) {
        return now;
      }
      Watch watch = watchFor(snapshot);
      code = waitOnce(watch.states, std::min(left, longestWait(watch, nextLook)));
      if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT && code != SCARD_E_CANCELLED &&
          code != SCARD_E_UNKNOWN_READER && code != SCARD_E_READER_UNAVAILABLE &&
          !serviceLost(code)) {
        return tl::unexpected(toError(code, "SCardGetStatusChange"));
      }
      nextLook = code == SCARD_E_TIMEOUT ? std::min(2 * nextLook, kLastLook) : kFirstLook;
    }
    return failed(ErrorCode::Cancelled, "wait for readers and cards");
  }

  static milliseconds longestWait(const Watch& watch, milliseconds nextLook) {
    if (watch.leavesOutReaders) {
      return std::min(nextLook, kLookForLeftOutReaders);
    }
    return watch.blindAtTheStart ? nextLook : kLongestWait;
  }

  LONG waitOnce(std::vector<SCARD_READERSTATE>& states, milliseconds limit) {
    const SCARDCONTEXT context = waitContext_->handle();
    {
      const std::scoped_lock lock(waitMutex_);
      if (cancelRequested_) {
        return SCARD_E_CANCELLED;
      }
      callHandle_ = context;
      cancelSaid_ = false;
    }
    const LONG code = SCardGetStatusChange(context, static_cast<DWORD>(limit.count()),
                                           states.data(), static_cast<DWORD>(states.size()));
    bool cancelSaid = false;
    {
      const std::scoped_lock lock(waitMutex_);
      callHandle_.reset();
      cancelSaid = cancelSaid_;
    }
    callEnded_.notify_all();
    if (cancelSaid) {
      // a cancel that came as the wait ended by itself leaves its message in the context's socket,
      // where it would be taken for the answer to the next call
      waitContext_.reset();
    }
    return code;
  }

  bool cancelled() {
    const std::scoped_lock lock(waitMutex_);
    return cancelRequested_;
  }

  std::mutex listMutex_;
  std::optional<Context> listContext_;

  std::optional<Context> waitContext_;  ///< of the thread that waits
  std::mutex waitMutex_;                ///< guards what follows
  std::condition_variable waitEnded_;
  std::condition_variable callEnded_;
  std::optional<SCARDCONTEXT> callHandle_;  ///< of the SCardGetStatusChange that goes on
  bool waiting_ = false;
  bool cancelRequested_ = false;
  bool cancelSaid_ = false;  ///< to the SCardGetStatusChange that goes on
};

}  // namespace
}  // namespace pcsc

std::unique_ptr<ReaderService> makePcscService() {
  return std::make_unique<pcsc::PcscService>();
}

}  // namespace fncard::card
