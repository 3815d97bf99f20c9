// SPDX-License-Identifier: Apache-2.0
// VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
#include <algorithm>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;
using wire::StatusWord;
namespace sw = wire::sw;

constexpr std::size_t kReferenceSize = 8;
constexpr std::size_t kMinPinDigits = 6;

/// Part 2 §2.4.3: six to eight digits, the rest FF.
bool isPin(ByteView bytes) {
  if (bytes.size() != kReferenceSize) {
    return false;
  }
  const auto end = std::find(bytes.begin(), bytes.end(), 0xFF);
  return static_cast<std::size_t>(end - bytes.begin()) >= kMinPinDigits &&
         std::all_of(bytes.begin(), end, [](auto byte) { return byte >= '0' && byte <= '9'; }) &&
         std::all_of(end, bytes.end(), [](auto byte) { return byte == 0xFF; });
}

/// The two references of a 16-byte data field.
ByteView firstOf(const CommandApdu& command) {
  return ByteView(command.data).first(kReferenceSize);
}
ByteView secondOf(const CommandApdu& command) {
  return ByteView(command.data).subspan(kReferenceSize);
}

}  // namespace

/// Stores a new value; the counter starts anew (part 2 §3.2.2, §3.2.3).
StatusWord PivApplication::replace(Reference CardState::*reference, ByteView value) {
  CardState next = state();
  (next.*reference).value.assign(value.begin(), value.end());
  (next.*reference).triesLeft = (next.*reference).triesLimit;
  return memory_.commit(std::move(next));
}

// Part 2 §3.2.1.
ResponseApdu PivApplication::verify(const CommandApdu& command) {
  if (command.p1 == 0xFF) {  // forget that the PIN was given; only without data
    if (command.p2 != piv::kPinReference) {
      return {.status = sw::kReferenceNotFound};
    }
    if (!command.data.empty()) {
      return {.status = sw::kIncorrectData};
    }
    session_.pinVerified = false;
    return {.status = sw::kOk};
  }
  if (command.p1 != 0x00) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (command.p2 != piv::kPinReference) {
    return {.status = sw::kReferenceNotFound};
  }
  if (command.data.empty()) {  // also 63C0: 6983 is for those who try
    return {.status = session_.pinVerified ? sw::kOk : triesLeft(state().pin.triesLeft)};
  }
  if (state().pin.triesLeft == 0) {
    return {.status = sw::kAuthenticationBlocked};
  }
  if (!isPin(command.data)) {  // of the two answers that the clause allows the one without cost
    return {.status = sw::kIncorrectData};
  }
  const StatusWord status = memory_.compare(&CardState::pin, command.data);
  session_.pinVerified = status.ok();
  session_.pinFresh = status.ok();
  return {.status = status};
}

// Part 2 §3.2.2: { old, new }. A new value of the wrong form costs no try.
ResponseApdu PivApplication::changeReferenceData(const CommandApdu& command) {
  if (command.p1 != 0x00) {
    return {.status = sw::kIncorrectP1P2};
  }
  const bool isPuk = command.p2 == piv::kPukReference;
  if (!isPuk && command.p2 != piv::kPinReference) {
    return {.status = sw::kReferenceNotFound};
  }
  const auto reference = isPuk ? &CardState::puk : &CardState::pin;
  if ((state().*reference).triesLeft == 0) {
    return {.status = sw::kAuthenticationBlocked};
  }
  if (command.data.size() != 2 * kReferenceSize ||
      (!isPuk && (!isPin(firstOf(command)) || !isPin(secondOf(command))))) {
    return {.status = sw::kIncorrectData};
  }
  StatusWord status = memory_.compare(reference, firstOf(command));
  if (status.ok()) {
    status = replace(reference, secondOf(command));
  }
  if (!isPuk) {
    session_.pinVerified = status.ok();
  }
  return {.status = status};
}

// Part 2 §3.2.3: { PUK, new PIN }. Success does not change the security status of the PIN, a wrong
// PUK ends it.
ResponseApdu PivApplication::resetRetryCounter(const CommandApdu& command) {
  if (command.p1 != 0x00) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (command.p2 != piv::kPinReference) {
    return {.status = sw::kReferenceNotFound};
  }
  if (state().puk.triesLeft == 0) {
    return {.status = sw::kAuthenticationBlocked};
  }
  if (command.data.size() != 2 * kReferenceSize || !isPin(secondOf(command))) {
    return {.status = sw::kIncorrectData};
  }
  const StatusWord status = memory_.compare(&CardState::puk, firstOf(command));
  if (!status.ok()) {
    session_.pinVerified = false;
    return {.status = status};
  }
  return {.status = replace(&CardState::pin, secondOf(command))};
}

}  // namespace fncard::hw_sim
