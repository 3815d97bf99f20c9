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

StatusWord triesLeft(unsigned tries) {
  return StatusWord(static_cast<std::uint16_t>(0x63C0U | tries));
}

/// The two references of a 16-byte data field.
ByteView firstOf(const CommandApdu& command) {
  return ByteView(command.data).first(kReferenceSize);
}
ByteView secondOf(const CommandApdu& command) {
  return ByteView(command.data).subspan(kReferenceSize);
}

}  // namespace

/// Compares a presented reference with the stored one. The counter is lowered and stored before the
/// comparison: who cuts the power in between has spent a try.
StatusWord PivApplication::compare(Reference CardState::*reference, ByteView presented) {
  if ((state_.*reference).triesLeft == 0) {
    return sw::kAuthenticationBlocked;
  }
  CardState lowered = state_;
  --(lowered.*reference).triesLeft;
  if (const auto stored = commit(std::move(lowered)); !stored.ok()) {
    return stored;
  }
  if (!equalBytes((state_.*reference).value, presented)) {
    const unsigned left = (state_.*reference).triesLeft;
    return left == 0 ? sw::kAuthenticationBlocked : triesLeft(left);
  }
  CardState restored = state_;
  (restored.*reference).triesLeft = (restored.*reference).triesLimit;
  return commit(std::move(restored));
}

/// Stores a new value; the counter starts anew (part 2 §3.2.2, §3.2.3).
StatusWord PivApplication::replace(Reference CardState::*reference, ByteView value) {
  CardState next = state_;
  (next.*reference).value.assign(value.begin(), value.end());
  (next.*reference).triesLeft = (next.*reference).triesLimit;
  return commit(std::move(next));
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
  if (command.data.empty()) {
    if (state_.pin.triesLeft == 0) {
      return {.status = sw::kAuthenticationBlocked};
    }
    return {.status = session_.pinVerified ? sw::kOk : triesLeft(state_.pin.triesLeft)};
  }
  if (command.data.size() != kReferenceSize) {
    return {.status = sw::kWrongLength};
  }
  if (!isPin(command.data)) {
    return {.status = sw::kIncorrectData};
  }
  const StatusWord status = compare(&CardState::pin, command.data);
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
  if ((state_.*reference).triesLeft == 0) {
    return {.status = sw::kAuthenticationBlocked};
  }
  if (command.data.size() != 2 * kReferenceSize) {
    return {.status = sw::kWrongLength};
  }
  if (!isPuk && (!isPin(firstOf(command)) || !isPin(secondOf(command)))) {
    return {.status = sw::kIncorrectData};
  }
  StatusWord status = compare(reference, firstOf(command));
  if (status.ok()) {
    status = replace(reference, secondOf(command));
  }
  if (!isPuk) {
    session_.pinVerified = status.ok();
  }
  return {.status = status};
}

// Part 2 §3.2.3: { PUK, new PIN }. The security status of the PIN does not change.
ResponseApdu PivApplication::resetRetryCounter(const CommandApdu& command) {
  if (command.p1 != 0x00) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (command.p2 != piv::kPinReference) {
    return {.status = sw::kReferenceNotFound};
  }
  if (state_.puk.triesLeft == 0) {
    return {.status = sw::kAuthenticationBlocked};
  }
  if (command.data.size() != 2 * kReferenceSize) {
    return {.status = sw::kWrongLength};
  }
  if (!isPin(secondOf(command))) {
    return {.status = sw::kIncorrectData};
  }
  const StatusWord status = compare(&CardState::puk, firstOf(command));
  if (!status.ok()) {
    return {.status = status};
  }
  return {.status = replace(&CardState::pin, secondOf(command))};
}

}  // namespace fncard::hw_sim
