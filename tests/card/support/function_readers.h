// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "card/reader.h"

namespace fncard::card::testing {

/// A ReaderService with one reader and a card that is a function of the command's bytes. The card
/// can be taken out, put back and reset between any two exchanges. The certificate cache of the
/// user is off in the process from the first one on, unless FNCARD_CACHE is set.
class FunctionReaders final : public ReaderService {
 public:
  using CardFunction = std::function<Result<wire::ResponseApdu>(ByteView)>;

  /// The library remembers readers that refuse extended length by name: a test that cares gives its
  /// own.
  explicit FunctionReaders(CardFunction card, std::string reader = "Test Reader 00 00");
  ~FunctionReaders() override;

  /// Open connections are dead from now on, and connect() says NoCard.
  void removeCard();
  /// A connection opened from now on works.
  void insertCard();
  /// The next begin() of an open connection reports a reset; a transaction that is open fails.
  void resetCard();
  /// Called before each begin() and each exchange: what other programs and hands do meanwhile.
  void beforeEachStep(std::function<void()> happens);

  [[nodiscard]] unsigned exchanges() const;     ///< commands since the last clear
  [[nodiscard]] unsigned transactions() const;  ///< begin() calls that succeeded
  void clearCounts();
  /// True while a transaction is open.
  [[nodiscard]] bool inTransaction() const;

  Result<std::vector<ReaderState>> readers() override;
  Result<std::unique_ptr<Connection>> connect(const std::string& readerName) override;
  /// The list as it is now, at once.
  Result<std::vector<ReaderState>> waitForChange(const std::vector<ReaderState>& known,
                                                 std::chrono::milliseconds limit) override;
  void cancelWait() override {}

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace fncard::card::testing
