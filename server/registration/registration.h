// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/registration/registry.h"
#include "server/session/user_code.h"
#include "server/store/store.h"

/// Applying at the window.
namespace fncard::server::registration {

inline constexpr int kFee = 278;  ///< NT$: 250 for the card, 28 for the registered mail
inline constexpr int kDaysToPay = 15;
inline constexpr int kMinimumAge = 18;

struct Application {
  std::string permitNumber;
  bool bearerConfirmed = false;  ///< the officer saw the person and the permit
  std::string phone;
  std::string email;
  std::string language;
  std::string profile;
};

struct Registered {
  store::Order order;
  std::string userCode;  ///< empty in a repeated answer, and while the registry has not answered
  bool repeated = false;
};

/// The last second of the fifteenth day, counted from the day after applying, in Taipei.
Time deadlineOf(Time appliedAt);

class Registration {
 public:
  Registration(store::OrderStore& store, Registry& registry, session::UserCodeHasher& hasher,
               const Clock& clock)
      : store_(store), registry_(registry), hasher_(hasher), clock_(clock) {}

  /// Refusals: 422 registration.*, 409 registration.order-exists. A registry that does not answer
  /// is no refusal: the order waits for it.
  Result<Registered> apply(const Application& application, const store::Idempotency& idempotency,
                           const std::string& actor);

  /// A new user code, the old one is void; empty in a repeated answer.
  Result<std::string> renewUserCode(const std::string& orderId,
                                    const store::Idempotency& idempotency,
                                    const std::string& actor);

  /// Asks the registry for the orders that wait for it. Gives how many were decided.
  int retryAwaiting();

 private:
  Result<Registered> refuseAtOnce(const std::string& code, const std::string& actor);

  store::OrderStore& store_;
  Registry& registry_;
  session::UserCodeHasher& hasher_;
  const Clock& clock_;
};

}  // namespace fncard::server::registration
