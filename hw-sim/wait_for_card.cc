// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/wait_for_card.h"

#include <winscard.h>

#include <thread>
#include <vector>

namespace fncard::hw_sim {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{10};

std::vector<std::string> readersOf(SCARDCONTEXT context) {
  DWORD size = 0;
  if (SCardListReaders(context, nullptr, nullptr, &size) != SCARD_S_SUCCESS) {
    return {};
  }
  std::string names(size, '\0');
  if (SCardListReaders(context, nullptr, names.data(), &size) != SCARD_S_SUCCESS) {
    return {};
  }
  std::vector<std::string> out;
  for (std::size_t at = 0; at < names.size() && names[at] != '\0'; at += out.back().size() + 1) {
    out.emplace_back(names.c_str() + at);
  }
  return out;
}

bool isAsWanted(const SCARD_READERSTATE& state, WaitFor wanted) {
  const bool mute = (state.dwEventState & SCARD_STATE_MUTE) != 0;
  const bool present = (state.dwEventState & SCARD_STATE_PRESENT) != 0 && !mute && state.cbAtr > 0;
  switch (wanted) {
    case WaitFor::Present:
      return present;
    case WaitFor::Absent:
      return (state.dwEventState & SCARD_STATE_EMPTY) != 0 || mute;
    case WaitFor::Mute:
      return mute;
    case WaitFor::NoReader:
      break;
  }
  return (state.dwEventState & SCARD_STATE_UNAVAILABLE) != 0;
}

bool seen(SCARDCONTEXT context, const std::string& reader, WaitFor wanted) {
  bool found = false;
  for (const std::string& name : readersOf(context)) {
    if (!reader.empty() && name != reader) {
      continue;
    }
    found = true;
    SCARD_READERSTATE state{};
    state.szReader = name.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    if (SCardGetStatusChange(context, 0, &state, 1) == SCARD_S_SUCCESS &&
        isAsWanted(state, wanted)) {
      return true;
    }
  }
  return wanted == WaitFor::NoReader && !found;
}

}  // namespace

WaitResult waitForCard(const std::string& reader, WaitFor wanted, std::chrono::milliseconds limit) {
  const auto until = Clock::now() + limit;
  bool served = false;
  do {
    SCARDCONTEXT context = 0;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) == SCARD_S_SUCCESS) {
      served = true;
      const bool found = seen(context, reader, wanted);
      SCardReleaseContext(context);
      if (found) {
        return WaitResult::Seen;
      }
    }
    std::this_thread::sleep_for(kPoll);
  } while (Clock::now() < until);
  return served ? WaitResult::NotSeen : WaitResult::NoService;
}

}  // namespace fncard::hw_sim
