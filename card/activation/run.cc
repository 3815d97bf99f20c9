// SPDX-License-Identifier: Apache-2.0
#include "card/activation/run.h"

#include <algorithm>
#include <utility>

#include "card/activation/proof.h"

namespace fncard::card::activation {
namespace {

constexpr std::size_t kNonceSize = 32;
constexpr std::size_t kMaxTransaction = 128;

/// Whether doing the same again can help: something was missing, busy or in the way.
bool isResumable(ErrorCode code) {
  switch (code) {
    case ErrorCode::NoService:
    case ErrorCode::NoReader:
    case ErrorCode::NoCard:
    case ErrorCode::CardMute:
    case ErrorCode::CardRemoved:
    case ErrorCode::ReaderBusy:
    case ErrorCode::CardFailed:
    case ErrorCode::Cancelled:
    case ErrorCode::Internal:
      return true;
    default:
      return false;
  }
}

bool isWellFormed(const Begun& begun) {
  const bool printable = std::all_of(begun.transaction.begin(), begun.transaction.end(),
                                     [](char c) { return c > 0x20 && c < 0x7F; });
  return printable && !begun.transaction.empty() && begun.transaction.size() <= kMaxTransaction &&
         begun.nonce.size() == kNonceSize;
}

}  // namespace

void Run::enter(Step step) {
  step_ = step;
  person_.progress(step);
}

tl::unexpected<Failure> Run::stop(std::string_view code, bool resumable,
                                  std::optional<unsigned> triesLeft) const {
  return tl::unexpected(Failure{
      .step = step_, .code = std::string(code), .triesLeft = triesLeft, .resumable = resumable});
}

tl::unexpected<Failure> Run::stop(const Error& error) const {
  return stop(messageCode(error.code), isResumable(error.code), error.triesLeft);
}

tl::unexpected<Failure> Run::stop(const IssuerError& error) const {
  return tl::unexpected(Failure{
      .step = step_, .code = error.code, .message = error.message, .resumable = error.transient});
}

Done Run::begin(ReaderService& readers, const std::string& readerName,
                const Application& application) {
  enter(Step::Begin);
  auto card = readerName.empty() ? openAnyCard(readers) : openCard(readers, readerName);
  if (!card) {
    return stop(card.error());
  }
  card_ = std::move(*card);
  if (card_->identity().cardNumber.empty()) {
    return stop("activation.not-our-card", false);
  }
  auto begun = issuer_.begin(application, card_->identity().cardNumber);
  if (!begun && !kind_.alreadyDone.empty() && begun.error().code == kind_.alreadyDone) {
    begun_.state = TransactionState::Done;
    return {};
  }
  if (!begun) {
    return stop(begun.error());
  }
  begun_ = std::move(*begun);
  if (begun_.state == TransactionState::Refused) {
    return stop(kind_.stopped, false);
  }
  if (begun_.state != TransactionState::Done && !isWellFormed(begun_)) {
    return stop("activation.issuer-malformed", true);
  }
  return {};
}

Done Run::askForNewPin() {
  auto pin = person_.newPin(begun_.birthDate);
  if (!pin) {
    return stop(pin.error());
  }
  if (const auto weakness = weaknessOf(*pin, begun_.birthDate); weakness != PinWeakness::None) {
    return stop(messageCode(weakness), true);
  }
  newPin_ = std::move(*pin);
  return {};
}

tl::expected<Bytes, Failure> Run::proveCard() {
  enter(Step::CardProof);
  auto signature = signProof(*card_, kind_.proofPurpose, begun_);
  if (!signature) {
    return stop(signature.error());
  }
  return *std::move(signature);
}

Done Run::commit() {
  enter(Step::Receipt);
  const auto receipt = signReceipt(*card_, begun_, *newPin_, clock_());
  if (!receipt) {
    return stop(receipt.error());
  }
  enter(Step::Commit);
  const auto committed = issuer_.commit(begun_.transaction, receipt->text, receipt->signature);
  if (committed || (!kind_.alreadyDone.empty() && committed.error().code == kind_.alreadyDone)) {
    return {};
  }
  // the answer may be what was lost
  const auto state = issuer_.state(begun_.transaction);
  if (state && *state == TransactionState::Done) {
    return {};
  }
  return stop(committed.error());
}

}  // namespace fncard::card::activation
