// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/wait_for_card.h"

#include <winscard.h>

#include <algorithm>
#include <cstring>
#include <string>
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

unsigned countCards(SCARDCONTEXT context) {
  const auto names = readersOf(context);
  std::vector<SCARD_READERSTATE> states(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    states[i].szReader = names[i].c_str();
    states[i].dwCurrentState = SCARD_STATE_UNAWARE;
  }
  if (states.empty() ||
      SCardGetStatusChange(context, 0, states.data(), static_cast<DWORD>(states.size())) !=
          SCARD_S_SUCCESS) {
    return 0;
  }
  const auto ready = [](const SCARD_READERSTATE& state) {
    return (state.dwEventState & SCARD_STATE_PRESENT) != 0 &&
           (state.dwEventState & SCARD_STATE_MUTE) == 0 && state.cbAtr > 0;
  };
  return static_cast<unsigned>(std::count_if(states.begin(), states.end(), ready));
}

}  // namespace

WaitResult waitForCards(unsigned count, std::chrono::milliseconds limit) {
  const auto until = Clock::now() + limit;
  bool served = false;
  do {
    SCARDCONTEXT context = 0;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) == SCARD_S_SUCCESS) {
      served = true;
      const unsigned cards = countCards(context);
      SCardReleaseContext(context);
      if (cards >= count) {
        return WaitResult::Seen;
      }
    }
    std::this_thread::sleep_for(kPoll);
  } while (Clock::now() < until);
  return served ? WaitResult::NoCard : WaitResult::NoService;
}

}  // namespace fncard::hw_sim
