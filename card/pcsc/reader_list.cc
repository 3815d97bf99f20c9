// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/reader_list.h"

#include <algorithm>
#include <cstring>

namespace fncard::card::pcsc {
namespace {

constexpr const char* kReadersChanged = "\\\\?PnP?\\Notification";
constexpr std::size_t kMaxStates = PCSCLITE_MAX_READERS_CONTEXTS;  // of one SCardGetStatusChange
constexpr int kListAttempts = 3;
constexpr DWORD kCountShift = 16;
constexpr DWORD kCountMask = 0xFFFF;

/// Names, each ended by a zero, up to an empty one.
std::vector<std::string> splitNames(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty() && text.front() != '\0') {
    names.emplace_back(text.substr(0, text.find('\0')));
    text.remove_prefix(std::min(names.back().size() + 1, text.size()));
  }
  return names;
}

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
  names = splitNames({text, size});
  SCardFreeMemory(context, text);
  return SCARD_S_SUCCESS;
}

LONG readStates(SCARDCONTEXT context, std::vector<SCARD_READERSTATE>& states) {
  for (std::size_t at = 0; at < states.size(); at += kMaxStates) {
    const std::size_t count = std::min(kMaxStates, states.size() - at);
    const LONG code =
        SCardGetStatusChange(context, 0, states.data() + at, static_cast<DWORD>(count));
    if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT) {
      return code;
    }
  }
  return SCARD_S_SUCCESS;
}

bool hasNoCount(const SCARD_READERSTATE& state) {
  return (state.dwCurrentState >> kCountShift) == 0;
}

}  // namespace

LONG takeSnapshot(SCARDCONTEXT context, Snapshot& snapshot) {
  LONG code = SCARD_S_SUCCESS;
  for (int attempt = 0; attempt < kListAttempts; ++attempt) {
    code = listReaders(context, snapshot.names);
    if (code != SCARD_S_SUCCESS) {
      return code;
    }
    snapshot.states.assign(snapshot.names.size(), SCARD_READERSTATE{});
    for (std::size_t i = 0; i < snapshot.names.size(); ++i) {
      snapshot.states[i].szReader = snapshot.names[i].c_str();
    }
    code = readStates(context, snapshot.states);
    if (code != SCARD_E_UNKNOWN_READER && code != SCARD_E_READER_UNAVAILABLE) {
      return code;
    }
  }
  return code;
}

LONG takeSnapshotToWait(SCARDCONTEXT context, Snapshot& snapshot) {
  SCARD_READERSTATE readers{};
  readers.szReader = kReadersChanged;
  const LONG code = SCardGetStatusChange(context, 0, &readers, 1);
  if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT) {
    return code;
  }
  snapshot.readerEvents = readers.dwEventState & ~kCountMask;
  return takeSnapshot(context, snapshot);
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
         .eventCount = static_cast<std::uint32_t>((state.dwEventState >> kCountShift) & kCountMask),
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

Watch watchFor(const Snapshot& snapshot) {
  Watch watch;
  watch.states = snapshot.states;
  if (watch.states.size() >= kMaxStates) {
    watch.states.resize(kMaxStates - 1);
    watch.leavesOutReaders = true;
  }
  for (SCARD_READERSTATE& state : watch.states) {
    state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
  }
  SCARD_READERSTATE newReaders{};
  newReaders.szReader = kReadersChanged;
  newReaders.dwCurrentState = snapshot.readerEvents;
  watch.states.push_back(newReaders);
  watch.blindAtTheStart = std::any_of(watch.states.begin(), watch.states.end(), hasNoCount);
  return watch;
}

}  // namespace fncard::card::pcsc
