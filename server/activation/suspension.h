// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/session/sign_in.h"
#include "server/store/store.h"

namespace fncard::server::activation {

/// Suspending a card and resuming it, by its holder: user code and card number are asked for anew.
/// Errors: those of SignIn::check, 403 suspension.refused for another card's number, 409
/// suspension.not-active.
class Suspension {
 public:
  Suspension(store::CardStatusStore& store, session::SignIn& signIn, const Clock& clock)
      : store_(store), signIn_(signIn), clock_(clock) {}

  struct Proof {
    std::string userCode;
    std::string cardNumber;
  };
  Result<void> suspend(const store::Order& order, const Proof& proof);
  Result<void> resume(const store::Order& order, const Proof& proof);

 private:
  Result<void> check(const store::Order& order, const Proof& proof);

  store::CardStatusStore& store_;
  session::SignIn& signIn_;
  const Clock& clock_;
};

}  // namespace fncard::server::activation
