// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/activation/transaction.h"

/// The client half of unblocking (docs/activation.md): the card gets a new PIN by its PUK, and
/// another PUK, since this PC has seen the one that it had.
namespace fncard::card::activation {

struct Puks {
  Puk current;  ///< of the card, unless an interrupted run gave it the next one already
  Puk next;
  unsigned attempt = 1;  ///< how often the issuer gave these two, this time included
};

class UnblockingIssuer : public TransactionIssuer {
 public:
  /// For a proof with the purpose "fncard unblocking 1" (signProof).
  virtual IssuerResult<Puks> release(const std::string& transaction, ByteView signature) = 0;
  /// The card has neither PUK: it is not to be tried again.
  virtual IssuerResult<void> reportRefused(const std::string& transaction,
                                           const std::string& cardNumber) = 0;
};

/// Runs from wherever card and issuer stand to a card with the new PIN and the next PUK. Safe to
/// repeat after any interruption; each PUK is tried once at most, and none when it is known that
/// one try is left. readerName empty: the one card of the PC (openAnyCard). Gives the card.
///
/// Its own codes: activation.not-our-card, activation.issuer-malformed, unblocking.stopped,
/// unblocking.puk-unknown, unblocking.puk-last-try, unblocking.puk-blocked; card.pin-… for a weak
/// new PIN.
tl::expected<CardIdentity, Failure> unblock(ReaderService& readers, const std::string& readerName,
                                            const Application& application,
                                            UnblockingIssuer& issuer, PinChooser& person,
                                            const Clock& clock = std::chrono::system_clock::now);

}  // namespace fncard::card::activation
