// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw-sim/foreign_application.h"
#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {

/// The card as a reader sees it: ATR, power, raw APDUs. Does what ISO/IEC 7816-4 puts below an
/// application: short and extended length, command chaining (§5.3.3) and GET RESPONSE (§5.3.4), and
/// holds two applications, of which one at most is selected. Before the first SELECT after power or
/// reset no application is there that knows anything else.
class SimulatedCard {
 public:
  SimulatedCard(CardState state, StateStore& store) : memory_(std::move(state), store) {}
  SimulatedCard(const SimulatedCard&) = delete;
  SimulatedCard& operator=(const SimulatedCard&) = delete;

  /// Answer to reset: T=1, historical bytes that tell chaining and extended length.
  [[nodiscard]] Bytes answerToReset() const;

  void powerOn() { loseSession(); }
  void powerOff() { loseSession(); }
  void reset() { loseSession(); }

  /// One raw command APDU, one raw response APDU. Any bytes may come in.
  Bytes transmit(ByteView command);

  [[nodiscard]] const CardState& state() const { return memory_.state(); }

 private:
  void loseSession();
  wire::ResponseApdu respond(ByteView raw);
  wire::ResponseApdu refuse(std::uint8_t instruction, wire::StatusWord status);
  wire::ResponseApdu dispatch(const wire::CommandApdu& command);
  wire::ResponseApdu collectChain(wire::CommandApdu part);
  wire::ResponseApdu nextPart(std::size_t le);
  void dropPending();

  enum class Selected { None, Piv, Foreign };

  CardMemory memory_;
  PivApplication piv_{memory_};
  ForeignApplication foreign_{memory_};
  Selected selected_ = Selected::None;
  Bytes pending_;  ///< what GET RESPONSE still has to fetch
  std::size_t pendingAt_ = 0;
  wire::StatusWord pendingStatus_;
  std::optional<wire::CommandApdu> chain_;
};

}  // namespace fncard::hw_sim
