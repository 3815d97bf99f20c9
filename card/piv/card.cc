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
    return applicationIn(std::move(transaction), reset);
  }
  Result<std::unique_ptr<CardApplication>> beginIfFree() override {
    bool reset = false;
    auto transaction = state_->connection->beginIfFree(&reset);
    return applicationIn(std::move(transaction), reset);
  }

  [[nodiscard]] const CardIdentity& identity() const override { return state_->identity; }
  [[nodiscard]] const std::string& readerName() const override {
    return state_->connection->readerName();
  }

 private:
  Result<std::unique_ptr<CardApplication>> applicationIn(
      Result<std::unique_ptr<Transaction>> transaction, bool reset) {
    const bool compare = state_->doubtful.exchange(false) || reset;
    if (!transaction) {
      state_->doubtful = compare;  // a reset is told once: it must not be lost with this failure
      return tl::unexpected(transaction.error());
    }
    if (compare) {
      Channel channel(**transaction, readerName());
      if (const auto same = selectAndCompare(channel, state_->identity); !same) {
        state_->doubtful = true;
        return tl::unexpected(same.error());
      }
    }
    return std::make_unique<PivApplication>(state_, std::move(*transaction), compare);
  }

  std::shared_ptr<CardState> state_;
};

}  // namespace
}  // namespace piv

Result<std::unique_ptr<Card>> openCard(ReaderService& service, const std::string& readerName) {
  auto opened = piv::connectAndSelect(service, readerName);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  piv::Channel channel(*opened->transaction, readerName);
  auto identity = piv::readIdentity(channel);
  if (!identity) {
    if (identity.error().code == ErrorCode::ObjectNotFound) {
      return failed(ErrorCode::UnknownCard, "a PIV card without a CHUID");
    }
    return tl::unexpected(identity.error());
  }
  opened->transaction.reset();
  return std::make_unique<piv::PivCard>(std::make_shared<piv::CardState>(
      std::move(opened->connection), std::move(*identity), CertificateCache::ofUser(), true));
}

Result<std::unique_ptr<CardApplication>> beginOnce(ReaderService& service,
                                                   const std::string& readerName) {
  auto opened = piv::connectAndSelect(service, readerName);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  auto state = std::make_shared<piv::CardState>(std::move(opened->connection), CardIdentity{},
                                                CertificateCache({}), false);
  return std::make_unique<piv::PivApplication>(std::move(state), std::move(opened->transaction),
                                               true);
}

}  // namespace fncard::card
