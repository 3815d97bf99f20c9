// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/clock.h"
#include "server/hsm/hsm.h"
#include "server/production/card_secrets.h"
#include "server/session/sign_in.h"
#include "server/store/store.h"

/// The server's half of docs/activation.md.
namespace fncard::server::activation {

struct BeginRequest {
  std::string permitNumber;
  std::string userCode;
  std::string cardNumber;
};

struct Begun {
  store::Activation activation;
  std::string birthDate;  ///< so that it is not taken for a PIN
};

/// Of the nonce of a transaction.
inline constexpr std::size_t kNonceBytes = 32;

/// The answer to a wrong permit number or user code: the one code for both, so that it does not
/// tell which was wrong; that tries run out is told.
tl::unexpected<Error> withoutTelling(Error error, std::string code);

class ActivationService {
 public:
  ActivationService(store::ActivationStore& store, session::SignIn& signIn, hsm::Hsm& hsm,
                    const Clock& clock)
      : store_(store), signIn_(signIn), hsm_(hsm), clock_(clock) {}

  /// The card's transaction, a new one or the open one. 403 activation.refused, 429
  /// session.locked, 409 activation.not-mailed, activation.already-active,
  /// activation.card-of-another-order.
  Result<Begun> begin(const BeginRequest& request, const store::Idempotency& idempotency);

  /// Writes that it is released, then gives the transport PIN; the same at each call. 403
  /// activation.proof-wrong.
  Result<production::Secret> release(const std::string& transaction, const store::Bytes& signature);

  /// Lifts the hold in one transaction; a receipt that comes again is answered alike. 403
  /// activation.receipt-wrong.
  Result<void> commit(const std::string& transaction, const store::Bytes& receipt,
                      const store::Bytes& signature);

  Result<store::ActivationState> state(const std::string& transaction);

  /// Somebody used the transport PIN before: the card stays on hold.
  Result<void> reportTamper(const std::string& transaction, const std::string& cardNumber);

 private:
  Result<store::Activation> find(const std::string& transaction);

  store::ActivationStore& store_;
  session::SignIn& signIn_;
  hsm::Hsm& hsm_;
  const Clock& clock_;
};

}  // namespace fncard::server::activation
