// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/inserted_card.h"

#include <array>

namespace fncard::hw_sim {
namespace {

/// T=1, no historical bytes.
constexpr std::array<std::uint8_t, 4> kForeignAnswerToReset = {0x3B, 0x80, 0x01, 0x81};

}  // namespace

void TornStore::beginCommand(unsigned cutAt) {
  writes_ = 0;
  cutAt_ = cutAt;
}

bool TornStore::save(const CardState& state) {
  ++writes_;
  return (cutAt_ == 0 || writes_ < cutAt_) && under_.save(state);
}

InsertedCard::InsertedCard(const std::string& path) : path_(path), file_(path), store_(*file_) {}

tl::expected<std::unique_ptr<InsertedCard>, std::string> InsertedCard::fromFile(
    const std::string& path) {
  std::unique_ptr<InsertedCard> card(new InsertedCard(path));
  if (auto loaded = card->powerCut(); !loaded) {
    return tl::unexpected(loaded.error());
  }
  return card;
}

Bytes InsertedCard::answerToReset() const {
  if (card_) {
    return card_->answerToReset();
  }
  return foreign_ == Foreign::Mute
             ? Bytes()
             : Bytes(kForeignAnswerToReset.begin(), kForeignAnswerToReset.end());
}

Bytes InsertedCard::transmit(ByteView command, unsigned cutAtWrite) {
  if (card_) {
    store_->beginCommand(cutAtWrite);
    return card_->transmit(command);
  }
  const bool selects = command.size() > 1 && command[1] == piv::instruction::kSelect;
  const auto status = selects ? wire::sw::kNotFound : wire::sw::kInstructionNotSupported;
  return wire::ResponseApdu{.status = status}.encode();
}

void InsertedCard::loseSession() {
  if (card_) {
    card_->reset();
  }
}

tl::expected<void, std::string> InsertedCard::powerCut() {
  if (!file_) {
    return {};
  }
  auto state = file_->load();
  if (!state) {
    return tl::unexpected(state.error());
  }
  card_.emplace(std::move(*state), *store_);
  return {};
}

}  // namespace fncard::hw_sim
