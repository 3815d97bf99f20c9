// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "card/activation/transaction.h"

namespace fncard::card::activation {

using Done = tl::expected<void, Failure>;

/// A wrong PIN or PUK must leave one try.
inline constexpr unsigned kTriesForOne = 2;

/// What tells one kind of transaction from another.
struct Kind {
  std::string_view proofPurpose;
  std::string_view stopped;      ///< code: the issuer goes on with this card no more
  std::string_view alreadyDone;  ///< the issuer's code for a card that needs nothing, or empty
};

/// The steps that every kind of transaction has, for one run of it.
class Run {
 protected:
  Run(const Kind& kind, TransactionIssuer& issuer, PinChooser& person, const Clock& clock)
      : kind_(kind), issuer_(issuer), person_(person), clock_(clock) {}

  void enter(Step step);
  [[nodiscard]] tl::unexpected<Failure> stop(std::string_view code, bool resumable,
                                             std::optional<unsigned> triesLeft = {}) const;
  [[nodiscard]] tl::unexpected<Failure> stop(const Error& error) const;
  [[nodiscard]] tl::unexpected<Failure> stop(const IssuerError& error) const;

  /// readerName empty: the one card of the PC. Afterwards the transaction may be Done.
  Done begin(ReaderService& readers, const std::string& readerName, const Application& application);
  Done askForNewPin();
  /// The signature that releases the issuer's secret.
  tl::expected<Bytes, Failure> proveCard();
  /// With the new PIN, which the card has by now.
  Done commit();

  std::unique_ptr<Card> card_;
  Begun begun_;
  std::optional<Pin> newPin_;

 private:
  const Kind& kind_;
  TransactionIssuer& issuer_;
  PinChooser& person_;
  const Clock& clock_;
  Step step_ = Step::Begin;
};

}  // namespace fncard::card::activation
