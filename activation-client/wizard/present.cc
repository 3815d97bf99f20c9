// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/present.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace fncard::activation_client::wizard {
namespace {

using namespace std::chrono_literals;

// pcscd tells of no change while it does not run: then it is asked again
constexpr auto kWithoutService = 1s;
constexpr auto kLongestWait = 60s;

/// The reason that is nearest to a card says most.
int nearness(card::ErrorCode code) {
  switch (code) {
    case card::ErrorCode::NoService:
      return 0;
    case card::ErrorCode::NoReader:
      return 1;
    case card::ErrorCode::NoCard:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

Present lookForCards(card::ReaderService& readers, const std::string& wanted) {
  Present present;
  const auto reason = [&present](card::ErrorCode code) {
    if (nearness(code) >= nearness(present.missing)) {
      present.missing = code;
    }
  };
  const auto states = readers.readers();
  if (!states) {
    present.missing = states.error().code;
    return present;
  }
  for (const card::ReaderState& state : *states) {
    if (state.name.find(wanted) == std::string::npos) {
      continue;
    }
    if (!state.cardPresent) {
      reason(card::ErrorCode::NoCard);
      continue;
    }
    const auto card = card::openCard(readers, state.name);
    if (card) {
      present.cards.push_back({.readerName = state.name, .identity = (*card)->identity()});
    } else {
      reason(card.error().code);
    }
  }
  return present;
}

Watch::Watch(card::ReaderService& readers, std::string wanted, std::function<void(Present)> onSeen)
    : readers_(readers),
      wanted_(std::move(wanted)),
      onSeen_(std::move(onSeen)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watch::~Watch() {
  thread_.request_stop();
  readers_.cancelWait();
}

void Watch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // taken before the look, so that what happens during it ends the wait at once
    const auto known = readers_.readers();
    onSeen_(lookForCards(readers_, wanted_));
    if (known) {
      while (!stop.stop_requested()) {
        const auto now = readers_.waitForChange(*known, kLongestWait);
        const bool same = now && now->size() == known->size() &&
                          std::equal(now->begin(), now->end(), known->begin(),
                                     [](const auto& left, const auto& right) {
                                       return left.name == right.name &&
                                              left.eventCount == right.eventCount &&
                                              left.cardPresent == right.cardPresent;
                                     });
        if (!same) {
          break;
        }
      }
    } else {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait_for(lock, stop, kWithoutService, [] { return false; });
    }
  }
}

}  // namespace fncard::activation_client::wizard
