// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/activation/activation.h"

namespace fncard::server::activation {

/// The server's half of unblocking a PIN (docs/activation.md): the PUK is given to the holder's PC,
/// and with it the one that the card is to have afterwards.
class UnblockingService {
 public:
  struct Stores {
    store::UnblockingStore& unblockings;
    store::ActivationStore& cards;
  };
  UnblockingService(Stores stores, session::SignIn& signIn, hsm::Hsm& hsm, const Clock& clock)
      : stores_(stores), signIn_(signIn), hsm_(hsm), clock_(clock) {}

  struct Begun {
    store::Unblocking unblocking;
    std::string birthDate;  ///< so that it is not taken for a PIN
  };
  /// The card's open transaction, or a new one. 403 unblocking.refused, 429 session.locked, 409
  /// unblocking.not-active (neither active nor in the middle of its activation),
  /// unblocking.card-of-another-order.
  Result<Begun> begin(const BeginRequest& request, const store::Idempotency& idempotency);

  struct Puks {
    production::Secret current;
    production::Secret next;
    long long attempt = 1;  ///< how often they were given, so that the PC tries them in turn
  };
  /// Writes that both are released, then gives them; the same at each call. 403
  /// unblocking.proof-wrong, 409 unblocking.done, unblocking.stopped.
  Result<Puks> release(const std::string& transaction, const store::Bytes& signature);

  /// The card has the next PUK from now on; a receipt that comes again is answered alike. 403
  /// unblocking.receipt-wrong.
  Result<void> commit(const std::string& transaction, const store::Bytes& receipt,
                      const store::Bytes& signature);

  /// The card has neither of the two: they are not given again, before its PUK is blocked.
  Result<void> reportRefused(const std::string& transaction, const std::string& cardNumber);

  Result<store::UnblockingState> state(const std::string& transaction);

 private:
  Result<store::Unblocking> find(const std::string& transaction);

  Stores stores_;
  session::SignIn& signIn_;
  hsm::Hsm& hsm_;
  const Clock& clock_;
};

}  // namespace fncard::server::activation
