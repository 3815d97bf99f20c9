// SPDX-License-Identifier: Apache-2.0
#include "card/card.h"

#include <utility>

#include "card/piv/application.h"
#include "card/piv/commands.h"

namespace fncard::card {
namespace piv {
namespace {

class PivCard final : public Card {
 public:
  explicit PivCard(std::shared_ptr<CardState> state) : state_(std::move(state)) {}

  Result<std::unique_ptr<CardApplication>> begin() override {
    bool reset = false;
    auto transaction = state_->connection->begin(&reset);
    if (!transaction) {
      return tl::unexpected(transaction.error());
    }
    const bool compare = state_->doubtful.exchange(false) || reset;
    if (compare) {
      Channel channel(**transaction, readerName());
      if (const auto same = selectAndCompare(channel, state_->identity); !same) {
        state_->doubtful = true;
        return tl::unexpected(same.error());
      }
    }
    return std::make_unique<PivApplication>(state_, std::move(*transaction), compare);
  }

  [[nodiscard]] const CardIdentity& identity() const override { return state_->identity; }
  [[nodiscard]] const std::string& readerName() const override {
    return state_->connection->readerName();
  }

 private:
  std::shared_ptr<CardState> state_;
};

}  // namespace
}  // namespace piv

Result<std::unique_ptr<Card>> openCard(ReaderService& service, const std::string& readerName) {
  auto connection = service.connect(readerName);
  if (!connection) {
    return tl::unexpected(connection.error());
  }
  auto state = std::make_shared<piv::CardState>();
  state->connection = std::move(*connection);
  bool reset = false;
  const auto transaction = state->connection->begin(&reset);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  piv::Channel channel(**transaction, readerName);
  if (const auto selected = piv::selectApplication(channel); !selected) {
    return tl::unexpected(selected.error());
  }
  auto identity = piv::readIdentity(channel);
  if (!identity) {
    if (identity.error().code == ErrorCode::ObjectNotFound) {
      return failed(ErrorCode::UnknownCard, "a PIV card without a CHUID");
    }
    return tl::unexpected(identity.error());
  }
  state->identity = std::move(*identity);
  return std::make_unique<piv::PivCard>(std::move(state));
}

}  // namespace fncard::card
