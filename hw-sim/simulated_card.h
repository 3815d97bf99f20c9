// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {

/// The card as a reader sees it: ATR, power, raw APDUs. Does what ISO/IEC 7816-4 puts below an
/// application: short and extended length, command chaining (§5.3.3) and GET RESPONSE (§5.3.4).
class SimulatedCard {
 public:
  SimulatedCard(CardState state, StateStore& store) : application_(std::move(state), store) {}

  /// Answer to reset: T=1, historical bytes that tell chaining and extended length.
  [[nodiscard]] Bytes answerToReset() const;

  void powerOn() { loseSession(); }
  void powerOff() { loseSession(); }
  void reset() { loseSession(); }

  /// One raw command APDU, one raw response APDU. Any bytes may come in.
  Bytes transmit(ByteView command);

  [[nodiscard]] const CardState& state() const { return application_.state(); }

 private:
  void loseSession();
  wire::ResponseApdu respond(ByteView raw);
  wire::ResponseApdu collectChain(wire::CommandApdu part);
  wire::ResponseApdu nextPart(std::size_t le);
  void dropPending();

  PivApplication application_;
  Bytes pending_;  ///< what GET RESPONSE still has to fetch
  std::size_t pendingAt_ = 0;
  wire::StatusWord pendingStatus_;
  std::optional<wire::CommandApdu> chain_;
};

}  // namespace fncard::hw_sim
