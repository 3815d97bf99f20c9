// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/simulated_card.h"

#include <algorithm>

namespace fncard::hw_sim {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;
using wire::StatusWord;
namespace sw = wire::sw;
namespace instruction = piv::instruction;

constexpr std::uint8_t kPlainClass = 0x00;
constexpr std::uint8_t kChainingClass = 0x10;
/// A certificate object and room to spare: more than any command of this card needs.
constexpr std::size_t kMaxChainedData = 16'384;
constexpr StatusWord kChainingNotSupported{0x6884};

bool continues(const CommandApdu& chain, const CommandApdu& part) {
  return chain.ins == part.ins && chain.p1 == part.p1 && chain.p2 == part.p2;
}

}  // namespace

Bytes SimulatedCard::answerToReset() const {
  // ISO/IEC 7816-4 §8.1.1: category 80; card capabilities (73): selection by full and partial DF
  // name, data coding byte, chaining and extended length; card issuer's data (5x)
  const std::uint8_t lengths = state().extendedLength ? 0xC0 : 0x80;
  Bytes historical{0x80, 0x73, 0xC0, 0x01, lengths, 0x56, 'f', 'n', 'c', 'a', 'r', 'd'};
  Bytes atr{0x3B, static_cast<std::uint8_t>(0x80U | historical.size()), 0x01};  // TD1: T=1
  atr.insert(atr.end(), historical.begin(), historical.end());
  std::uint8_t check = 0;
  std::for_each(atr.begin() + 1, atr.end(), [&](std::uint8_t byte) { check ^= byte; });
  atr.push_back(check);
  return atr;
}

void SimulatedCard::loseSession() {
  piv_.reset();
  selected_ = Selected::None;
  dropPending();
  chain_.reset();
}

void SimulatedCard::dropPending() {
  wipe(pending_);
  pendingAt_ = 0;
}

Bytes SimulatedCard::transmit(ByteView command) {
  return respond(command).encode();
}

ResponseApdu SimulatedCard::respond(ByteView raw) {
  bool extended = false;
  auto command = CommandApdu::parse(raw, &extended);
  const std::uint8_t ins = raw.size() > 1 ? raw[1] : 0;
  if (!command || (extended && !state().extendedLength)) {
    return refuse(ins, sw::kWrongLength);
  }
  if (command->cla != kPlainClass && command->cla != kChainingClass) {
    return refuse(ins, sw::kClassNotSupported);
  }
  if (command->cla == kChainingClass &&
      (selected_ != Selected::Piv || !PivApplication::canBeChained(ins))) {
    return refuse(ins, kChainingNotSupported);
  }
  // without Le everything may come: tools leave it out as T=0 would
  const std::size_t most = extended ? wire::kMaxExtendedResponse : wire::kMaxShortResponse;
  const std::size_t le = command->le == 0 ? most : command->le;
  if (ins == instruction::kGetResponse) {
    chain_.reset();
    piv_.interrupt(ins);
    if (command->p1 != 0 || command->p2 != 0) {
      return {.status = sw::kIncorrectP1P2};
    }
    return pending_.empty() ? ResponseApdu{.status = sw::kConditionsNotSatisfied} : nextPart(le);
  }
  dropPending();
  if (command->cla == kChainingClass || chain_) {
    const bool last = command->cla == kPlainClass;
    if (auto refused = collectChain(std::move(*command)); !last || !refused.status.ok()) {
      return refused;
    }
    command = std::move(*chain_);
    chain_.reset();
  }
  ResponseApdu response = dispatch(*command);
  if (response.data.empty()) {
    return response;
  }
  pending_ = std::move(response.data);
  pendingStatus_ = response.status;
  return nextPart(le);
}

/// What does not reach an application: it ends a chain and what was pending all the same.
ResponseApdu SimulatedCard::refuse(std::uint8_t ins, StatusWord status) {
  dropPending();
  chain_.reset();
  piv_.interrupt(ins);
  return {.status = status};
}

/// Part 2 §3.1.1: another application that is there ends the security status of the one before; a
/// name that nobody has changes nothing.
ResponseApdu SimulatedCard::dispatch(const CommandApdu& command) {
  if (command.ins == instruction::kSelect) {
    if (command.p1 != 0x04 || command.p2 != 0x00) {
      piv_.interrupt(command.ins);
      return {.status = sw::kIncorrectP1P2};
    }
    if (PivApplication::isNamedBy(command.data)) {
      selected_ = Selected::Piv;
    } else if (ForeignApplication::isNamedBy(command.data)) {
      piv_.reset();
      selected_ = Selected::Foreign;
    }
  }
  switch (selected_) {
    case Selected::Piv:
      return piv_.process(command);
    case Selected::Foreign:
      return foreign_.process(command);
    case Selected::None:
      break;
  }
  return {.status =
              command.ins == instruction::kSelect ? sw::kNotFound : sw::kInstructionNotSupported};
}

/// Adds a part to the chain that is open, or opens one. A part of another command ends the old
/// chain without effect.
ResponseApdu SimulatedCard::collectChain(CommandApdu part) {
  piv_.interrupt(part.ins);
  if (!chain_ || !continues(*chain_, part)) {
    part.cla = kPlainClass;
    chain_ = std::move(part);
  } else {
    if (chain_->data.size() + part.data.size() > kMaxChainedData) {
      chain_.reset();
      return {.status = sw::kWrongLength};
    }
    chain_->data.insert(chain_->data.end(), part.data.begin(), part.data.end());
  }
  return {.status = sw::kOk};
}

/// At most le bytes of what is pending; 61xx tells how much is left, 6100 for 256 and more.
ResponseApdu SimulatedCard::nextPart(std::size_t le) {
  const std::size_t size = std::min(le, pending_.size() - pendingAt_);
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pendingAt_);
  ResponseApdu response{.data = Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))};
  pendingAt_ += size;
  const std::size_t left = pending_.size() - pendingAt_;
  if (left == 0) {
    dropPending();
    response.status = pendingStatus_;
    return response;
  }
  const std::size_t told = left >= wire::kMaxShortResponse ? 0 : left;
  response.status = StatusWord(static_cast<std::uint16_t>(0x6100U | told));
  return response;
}

}  // namespace fncard::hw_sim
