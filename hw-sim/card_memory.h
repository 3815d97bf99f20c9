// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/wire/apdu.h"
#include "hw-sim/card_state.h"

namespace fncard::hw_sim {

/// The memory that all applications of the card share. What must survive power loss is stored
/// before the answer that depends on it.
class CardMemory {
 public:
  CardMemory(CardState state, StateStore& store) : state_(std::move(state)), store_(store) {}

  [[nodiscard]] const CardState& state() const { return state_; }

  /// Stores next and makes it the card's state; 6581 and the old state when it cannot.
  wire::StatusWord commit(CardState next);

  /// Compares a presented reference with the stored one: 9000 and a full counter, 63Cx and one try
  /// less, or 6983 without comparing when none was left. The counter is lowered and stored before
  /// the comparison: who cuts the power in between has spent a try.
  wire::StatusWord compare(Reference CardState::*reference, ByteView presented);

 private:
  CardState state_;
  StateStore& store_;
};

/// 63Cx.
wire::StatusWord triesLeft(unsigned tries);

}  // namespace fncard::hw_sim
