// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "hw-sim/simulated_card.h"

namespace fncard::hw_sim {

/// A card file whose power can be cut as a write to it begins. From then on nothing is stored, as
/// the card does nothing without power.
class TornStore : public StateStore {
 public:
  explicit TornStore(StateStore& under) : under_(under) {}
  /// Begins to count the writes of one command. cutAt: the write, from 1, that is not done any
  /// more; 0: none.
  void beginCommand(unsigned cutAt);
  [[nodiscard]] unsigned writes() const { return writes_; }
  bool save(const CardState& state) override;

 private:
  StateStore& under_;
  unsigned writes_ = 0;
  unsigned cutAt_ = 0;
};

/// What is in the reader: a card of ours from a file, one that is not ours, or one that is upside
/// down.
class InsertedCard {
 public:
  /// The error says what is wrong with the file.
  static tl::expected<std::unique_ptr<InsertedCard>, std::string> fromFile(const std::string& path);
  enum class Foreign { Unknown, Mute };
  /// Unknown: an ATR of its own, 6A82 to SELECT and 6D00 to all else. Mute: no ATR.
  explicit InsertedCard(Foreign kind) : foreign_(kind) {}

  /// Empty: it gives none.
  [[nodiscard]] Bytes answerToReset() const;
  /// cutAtWrite: see TornStore. The answer is then of no meaning, and powerCut() has to follow.
  Bytes transmit(ByteView command, unsigned cutAtWrite = 0);
  /// How often the card stored during the last transmit.
  [[nodiscard]] unsigned writes() const { return store_ ? store_->writes() : 0; }
  void loseSession();
  /// The card begins again with what its file has.
  tl::expected<void, std::string> powerCut();
  /// Empty: it has no file.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit InsertedCard(const std::string& path);

  Foreign foreign_ = Foreign::Unknown;
  std::string path_;
  std::optional<StateFile> file_;
  std::optional<TornStore> store_;
  std::optional<SimulatedCard> card_;
};

}  // namespace fncard::hw_sim
