// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/store/store.h"

/// Sessions of people in front of a browser, known by a cookie.
namespace fncard::server::session {

/// A session ends fifteen minutes after its last use, two hours after its beginning, and at
/// sign-out. The store has the token's hash alone. The token carries its last moment, which nobody
/// can move without making another token.
class BrowserSessions {
 public:
  static constexpr std::chrono::minutes kIdle{15};
  static constexpr std::chrono::hours kLongest{2};

  struct Stores {
    store::OrderStore& orders;
    store::SessionStore& sessions;
  };
  BrowserSessions(Stores stores, const Clock& clock)
      : orders_(stores.orders), sessions_(stores.sessions), clock_(clock) {}

  /// A session of the order: its token.
  Result<std::string> open(const std::string& orderId);
  /// The session's order, and fifteen more minutes; 401 session.expired.
  Result<store::Order> use(const std::string& token);
  /// Also when it is over already.
  Result<void> close(const std::string& token);

  /// The token of a browser that nobody is signed in with; it opens nothing.
  static std::string visitorToken();
  /// What a form carries to show that it was made for the token's browser: it follows from the
  /// token, and the token does not follow from it.
  static std::string formToken(const std::string& token);

 private:
  store::OrderStore& orders_;
  store::SessionStore& sessions_;
  const Clock& clock_;
};

}  // namespace fncard::server::session
