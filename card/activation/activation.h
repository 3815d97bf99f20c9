// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/activation/transaction.h"

/// The client half of activation (docs/activation.md), used by the command line, the wizard and the
/// agent.
namespace fncard::card::activation {

class Issuer : public TransactionIssuer {
 public:
  /// The transport PIN, for a proof with the purpose "fncard activation 1" (signProof).
  virtual IssuerResult<Pin> release(const std::string& transaction, ByteView signature) = 0;
  /// The transport PIN was refused on its first use: somebody was here before.
  virtual IssuerResult<void> reportTamper(const std::string& transaction,
                                          const std::string& cardNumber) = 0;
};

class Person : public PinChooser {
 public:
  /// After an interruption when the PIN may have been set already: the PIN that the person set
  /// then, typed twice alike, because a try of the card depends on it. ObjectNotFound when the
  /// person says that none was chosen (newPin() follows), or Cancelled. newPin() also follows when
  /// the card refuses it.
  virtual Result<Pin> pinSetBefore() = 0;
};

/// The card is active.
struct Outcome {
  CardIdentity card;
  bool wasAlreadyActive = false;
};

/// Runs from wherever card and issuer stand to "active". Safe to repeat after any interruption; the
/// last try of the PIN is never used. readerName empty: the one card of the PC (openAnyCard).
///
/// Its own codes: activation.not-our-card, activation.stopped, activation.issuer-malformed,
/// activation.last-try, activation.tampered, activation.pin-unknown; card.pin-… for a weak new PIN.
tl::expected<Outcome, Failure> activate(ReaderService& readers, const std::string& readerName,
                                        const Application& application, Issuer& issuer,
                                        Person& person,
                                        const Clock& clock = std::chrono::system_clock::now);

}  // namespace fncard::card::activation
