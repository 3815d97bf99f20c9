// SPDX-License-Identifier: Apache-2.0
#include "tests/card/support/function_readers.h"

#include <stdlib.h>

#include <utility>

namespace fncard::card::testing {

struct FunctionReaders::State {
  CardFunction card;
  std::string reader;
  bool present = true;
  std::uint32_t insertions = 1;
  std::uint32_t resets = 0;
  unsigned exchanges = 0;
  unsigned transactions = 0;
  bool inTransaction = false;
  std::function<void()> beforeStep;

  void step() const {
    if (beforeStep) {
      beforeStep();
    }
  }
};

namespace {

using State = FunctionReaders::State;

Error removed() {
  return {.code = ErrorCode::CardRemoved, .detail = "test"};
}

class FunctionTransaction final : public Transaction {
 public:
  FunctionTransaction(std::shared_ptr<State> state, std::uint32_t insertion)
      : state_(std::move(state)), insertion_(insertion), resets_(state_->resets) {
    state_->inTransaction = true;
  }
  ~FunctionTransaction() override { state_->inTransaction = false; }
  FunctionTransaction(const FunctionTransaction&) = delete;
  FunctionTransaction& operator=(const FunctionTransaction&) = delete;

  Result<wire::ResponseApdu> exchange(ByteView command) override {
    state_->step();
    if (!state_->present || state_->insertions != insertion_ || state_->resets != resets_) {
      return tl::unexpected(removed());
    }
    ++state_->exchanges;
    return state_->card(command);
  }

 private:
  std::shared_ptr<State> state_;
  std::uint32_t insertion_;
  std::uint32_t resets_;
};

class FunctionConnection final : public Connection {
 public:
  explicit FunctionConnection(std::shared_ptr<State> state)
      : state_(std::move(state)), insertion_(state_->insertions), resets_(state_->resets) {}

  Result<std::unique_ptr<Transaction>> begin(bool* reset) override {
    state_->step();
    *reset = std::exchange(resets_, state_->resets) != state_->resets;
    if (!state_->present || state_->insertions != insertion_) {
      return tl::unexpected(removed());
    }
    ++state_->transactions;
    return std::make_unique<FunctionTransaction>(state_, insertion_);
  }
  [[nodiscard]] const std::string& readerName() const override { return state_->reader; }

 private:
  std::shared_ptr<State> state_;
  std::uint32_t insertion_;
  std::uint32_t resets_;
};

}  // namespace

FunctionReaders::FunctionReaders(CardFunction card, std::string reader)
    : state_(std::make_shared<State>()) {
  state_->card = std::move(card);
  state_->reader = std::move(reader);
  // cards of tests are made alike; a test that is about the cache has said so before
  setenv("FNCARD_CACHE", "off", 0);
}

FunctionReaders::~FunctionReaders() = default;

void FunctionReaders::removeCard() {
  state_->present = false;
}

void FunctionReaders::insertCard() {
  state_->present = true;
  ++state_->insertions;
}

void FunctionReaders::resetCard() {
  ++state_->resets;
}

void FunctionReaders::beforeEachStep(std::function<void()> happens) {
  state_->beforeStep = std::move(happens);
}

unsigned FunctionReaders::exchanges() const {
  return state_->exchanges;
}
unsigned FunctionReaders::transactions() const {
  return state_->transactions;
}
void FunctionReaders::clearCounts() {
  state_->exchanges = state_->transactions = 0;
}
bool FunctionReaders::inTransaction() const {
  return state_->inTransaction;
}

Result<std::vector<ReaderState>> FunctionReaders::readers() {
  return std::vector<ReaderState>{
      {.name = state_->reader, .cardPresent = state_->present, .eventCount = state_->insertions}};
}

Result<std::unique_ptr<Connection>> FunctionReaders::connect(const std::string& readerName) {
  if (readerName != state_->reader) {
    return failed(ErrorCode::NoReader, readerName);
  }
  if (!state_->present) {
    return failed(ErrorCode::NoCard, readerName);
  }
  return std::make_unique<FunctionConnection>(state_);
}

Result<std::vector<ReaderState>> FunctionReaders::waitForChange(const std::vector<ReaderState>&,
                                                                std::chrono::milliseconds) {
  return readers();
}

}  // namespace fncard::card::testing
