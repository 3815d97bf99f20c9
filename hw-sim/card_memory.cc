// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/card_memory.h"

#include <utility>

namespace fncard::hw_sim {

namespace sw = wire::sw;

wire::StatusWord triesLeft(unsigned tries) {
  return wire::StatusWord(static_cast<std::uint16_t>(0x63C0U | tries));
}

wire::StatusWord CardMemory::commit(CardState next) {
  if (!store_.save(next)) {
    return sw::kMemoryFailure;
  }
  state_ = std::move(next);
  return sw::kOk;
}

wire::StatusWord CardMemory::compare(Reference CardState::*reference, ByteView presented) {
  if ((state_.*reference).triesLeft == 0) {
    return sw::kAuthenticationBlocked;
  }
  CardState lowered = state_;
  --(lowered.*reference).triesLeft;
  if (const auto stored = commit(std::move(lowered)); !stored.ok()) {
    return stored;
  }
  if (!equalBytes((state_.*reference).value, presented)) {
    return triesLeft((state_.*reference).triesLeft);
  }
  CardState restored = state_;
  (restored.*reference).triesLeft = (restored.*reference).triesLimit;
  return commit(std::move(restored));
}

}  // namespace fncard::hw_sim
