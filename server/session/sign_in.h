// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "server/base/clock.h"
#include "server/session/user_code.h"
#include "server/store/store.h"

namespace fncard::server::session {

/// Under what the wrong tries for a permit number are counted; not the number itself.
std::string attemptSubject(const std::string& permitNumber);

/// Signs applicants in with permit number and user code. Three wrong codes in a row warn, the fifth
/// and each after it lock the permit number for a time that doubles, from 5 minutes to a day. A
/// permit number without an order is treated, counted and timed alike.
class SignIn {
 public:
  struct Stores {
    store::OrderStore& orders;
    store::SessionStore& sessions;
  };
  SignIn(Stores stores, UserCodeHasher& hasher, const Clock& clock)
      : orders_(stores.orders), sessions_(stores.sessions), hasher_(hasher), clock_(clock) {}

  /// The order that is not over. Errors: 403 session.refused, session.refused-warning, 429
  /// session.locked, 503.
  Result<store::Order> check(const std::string& permitNumber, const std::string& userCode);

  struct Session {
    std::string token;  ///< for Authorization: Bearer; stored as its hash
    Time expiresAt{};
  };
  Result<Session> open(const std::string& permitNumber, const std::string& userCode);
  /// The order that a token was opened for; 401 session.expired.
  Result<store::Order> orderOf(const std::string& token);

  /// Zero for the first four failures in a row.
  static std::chrono::seconds lockTime(int failures);

 private:
  store::OrderStore& orders_;
  store::SessionStore& sessions_;
  UserCodeHasher& hasher_;
  const Clock& clock_;
};

}  // namespace fncard::server::session
