// SPDX-License-Identifier: Apache-2.0
#include "server/session/browser_session.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/store/errors.h"

namespace fncard::server::session {
namespace {

constexpr std::size_t kLongestToken = 80;
constexpr long long kLatest = 4'102'444'800;    // 2100: a time that can be reckoned with
constexpr std::chrono::minutes kRenewAfter{1};  // not a write to the database at every click

/// In the table of the API's sessions, and never one of them.
std::string hashOf(const std::string& token) {
  return sha256Hex("fncard browser session 1" + token);
}

/// RANDOM.SECONDS: when the session is over at the latest.
std::optional<Time> lastMomentOf(const std::string& token) {
  const std::size_t point = token.find('.');
  if (point == std::string::npos || token.size() > kLongestToken) {
    return std::nullopt;
  }
  long long seconds = 0;
  const char* end = token.data() + token.size();
  const auto [rest, error] = std::from_chars(token.data() + point + 1, end, seconds);
  if (error != std::errc{} || rest != end || seconds < 0 || seconds > kLatest) {
    return std::nullopt;
  }
  return timeOfSeconds(seconds);
}

}  // namespace

Result<std::string> BrowserSessions::open(const std::string& orderId) {
  const Time now = clock_.now();
  std::string token =
      randomIdentifier() + randomIdentifier() + "." + std::to_string(secondsOf(now + kLongest));
  const auto saved = sessions_.saveSession(hashOf(token), orderId, now + kIdle, now);
  if (!saved) {
    return store::asError(saved.error());
  }
  return token;
}

Result<store::Order> BrowserSessions::use(const std::string& token) {
  const Time now = clock_.now();
  const auto lastMoment = lastMomentOf(token);
  if (!lastMoment || *lastMoment <= now) {
    return refused(401, "session.expired");
  }
  const auto orderId = sessions_.session(hashOf(token), now);
  if (!orderId) {
    return orderId.error().code == store::ErrorCode::NotFound ? refused(401, "session.expired")
                                                              : store::asError(orderId.error());
  }
  const auto extended =
      sessions_.extendSession(hashOf(token), std::min(now + kIdle, *lastMoment), kRenewAfter);
  if (!extended) {
    return store::asError(extended.error());
  }
  auto order = orders_.order(*orderId);
  if (!order) {
    return store::asError(order.error());
  }
  return *std::move(order);
}

Result<void> BrowserSessions::close(const std::string& token) {
  const auto closed = sessions_.endSession(hashOf(token), clock_.now());
  return closed ? Result<void>() : store::asError(closed.error());
}

std::string BrowserSessions::visitorToken() {
  return randomIdentifier() + randomIdentifier();
}

std::string BrowserSessions::formToken(const std::string& token) {
  return sha256Hex("fncard form 1" + token);
}

}  // namespace fncard::server::session
