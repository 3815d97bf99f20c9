// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "card/pcsc/connection.h"
#include "card/pcsc/context.h"
#include "card/pcsc/pcsc_error.h"
#include "card/reader.h"

namespace fncard::card {
namespace pcsc {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kReadersChanged = "\\\\?PnP?\\Notification";
// SCardGetStatusChange takes at most 16 states, and one of them tells of new readers
constexpr std::size_t kMaxReaders = PCSCLITE_MAX_READERS_CONTEXTS - 1;
constexpr int kListAttempts = 3;
// A reader that comes between listing and waiting is seen after this time at the latest.
constexpr milliseconds kLongestWait{5000};
constexpr milliseconds kCancelAgain{10};
constexpr DWORD kCountShift = 16;

/// What the service says about all readers at one moment.
struct Snapshot {
  std::vector<std::string> names;
  std::vector<SCARD_READERSTATE> states;  ///< szReader points into names
};

LONG listReaders(SCARDCONTEXT context, std::vector<std::string>& names) {
  names.clear();
  LPSTR text = nullptr;
  DWORD size = SCARD_AUTOALLOCATE;
  const LONG code = SCardListReaders(context, nullptr, reinterpret_cast<LPSTR>(&text), &size);
  if (code == SCARD_E_NO_READERS_AVAILABLE) {
    return SCARD_S_SUCCESS;
  }
  if (code != SCARD_S_SUCCESS) {
    return code;
  }
  for (const char* name = text; *name != '\0' && names.size() < kMaxReaders;
       name += names.back().size() + 1) {
    names.emplace_back(name);
  }
  SCardFreeMemory(context, text);
  return SCARD_S_SUCCESS;
}

LONG takeSnapshot(SCARDCONTEXT context, Snapshot& snapshot) {
  LONG code = SCARD_S_SUCCESS;
  for (int attempt = 0; attempt < kListAttempts; ++attempt) {
    code = listReaders(context, snapshot.names);
    if (code != SCARD_S_SUCCESS) {
      return code;
    }
    snapshot.states.assign(snapshot.names.size(), SCARD_READERSTATE{});
    if (snapshot.names.empty()) {
      return code;
    }
    for (std::size_t i = 0; i < snapshot.names.size(); ++i) {
      snapshot.states[i].szReader = snapshot.names[i].c_str();
    }
    code = SCardGetStatusChange(context, 0, snapshot.states.data(),
                                static_cast<DWORD>(snapshot.states.size()));
    if (code == SCARD_E_TIMEOUT) {
      return SCARD_S_SUCCESS;
    }
    if (code != SCARD_E_UNKNOWN_READER && code != SCARD_E_READER_UNAVAILABLE) {
      return code;
    }
  }
  return code;
}

std::vector<ReaderState> describe(const Snapshot& snapshot) {
  std::vector<ReaderState> readers;
  readers.reserve(snapshot.states.size());
  for (std::size_t i = 0; i < snapshot.states.size(); ++i) {
    const SCARD_READERSTATE& state = snapshot.states[i];
    const std::size_t atrSize = std::min<std::size_t>(state.cbAtr, sizeof(state.rgbAtr));
    readers.push_back(
        {.name = snapshot.names[i],
         .cardPresent = (state.dwEventState & SCARD_STATE_PRESENT) != 0,
         .mute = (state.dwEventState & SCARD_STATE_MUTE) != 0,
         .eventCount = static_cast<std::uint32_t>((state.dwEventState >> kCountShift) & 0xFFFFU),
         .atr = Bytes(state.rgbAtr, state.rgbAtr + atrSize)});
  }
  return readers;
}

bool sameReaders(const std::vector<ReaderState>& left, const std::vector<ReaderState>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const ReaderState& a, const ReaderState& b) {
                      return a.name == b.name && a.cardPresent == b.cardPresent &&
                             a.mute == b.mute && a.eventCount == b.eventCount;
                    });
}

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
    auto result = waitOnOwnContext(known, steady_clock::now() + limit);
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
    // SCardCancel is lost when SCardGetStatusChange has not begun yet: say it until it is heard
    while (waiting_ && cancelRequested_) {
      if (waitHandle_) {
        SCardCancel(*waitHandle_);
      }
      waitEnded_.wait_for(lock, kCancelAgain);
    }
  }

 private:
  Result<std::vector<ReaderState>> waitOnOwnContext(const std::vector<ReaderState>& known,
                                                    steady_clock::time_point end) {
    for (;;) {
      Snapshot snapshot;
      LONG code = withContext(
          waitContext_, [&](SCARDCONTEXT context) { return takeSnapshot(context, snapshot); });
      if (cancelled()) {
        return failed(ErrorCode::Cancelled, "wait for readers and cards");
      }
      if (code != SCARD_S_SUCCESS) {
        return tl::unexpected(toError(code, "list of readers"));
      }
      auto now = describe(snapshot);
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      if (!sameReaders(now, known) || left <= milliseconds::zero()) {
        return now;
      }
      code = waitOnce(snapshot, std::min(left, kLongestWait));
      if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT && code != SCARD_E_CANCELLED &&
          code != SCARD_E_UNKNOWN_READER && !serviceLost(code)) {
        return tl::unexpected(toError(code, "SCardGetStatusChange"));
      }
    }
  }

  LONG waitOnce(Snapshot& snapshot, milliseconds limit) {
    for (SCARD_READERSTATE& state : snapshot.states) {
      state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
    }
    SCARD_READERSTATE newReaders{};
    newReaders.szReader = kReadersChanged;
    newReaders.dwCurrentState = static_cast<DWORD>(snapshot.states.size()) << kCountShift;
    snapshot.states.push_back(newReaders);
    setWaitHandle(waitContext_->handle());
    const LONG code =
        SCardGetStatusChange(waitContext_->handle(), static_cast<DWORD>(limit.count()),
                             snapshot.states.data(), static_cast<DWORD>(snapshot.states.size()));
    setWaitHandle(std::nullopt);
    return code;
  }

  void setWaitHandle(std::optional<SCARDCONTEXT> handle) {
    const std::scoped_lock lock(waitMutex_);
    waitHandle_ = handle;
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
  std::optional<SCARDCONTEXT> waitHandle_;
  bool waiting_ = false;
  bool cancelRequested_ = false;
};

}  // namespace
}  // namespace pcsc

std::unique_ptr<ReaderService> makePcscService() {
  return std::make_unique<pcsc::PcscService>();
}

}  // namespace fncard::card
