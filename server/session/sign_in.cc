// SPDX-License-Identifier: Apache-2.0
#include "server/session/sign_in.h"

#include <algorithm>

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/store/errors.h"

namespace fncard::server::session {
namespace {

constexpr int kWarnFrom = 3;
constexpr int kLockFrom = 5;
constexpr std::chrono::minutes kFirstLock{5};
constexpr std::chrono::hours kLongestLock{24};
constexpr std::chrono::minutes kSessionTime{30};

tl::unexpected<Error> locked(Time until, Time now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - now);
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(left).count();
  return tl::unexpected(Error{.status = 429,
                              .code = "session.locked",
                              .parameters = {{"minutes", std::to_string(minutes)}},
                              .retryAfter = left});
}

tl::unexpected<Error> wrong(const store::SessionStore::Attempt& attempt, Time now) {
  if (attempt.failures >= kLockFrom) {
    return locked(attempt.lockedUntil, now);
  }
  return refused(403,
                 attempt.failures >= kWarnFrom ? "session.refused-warning" : "session.refused");
}

}  // namespace

std::string attemptSubject(const std::string& permitNumber) {
  return sha256Hex("fncard sign-in 1" + permitNumber);
}

std::chrono::seconds SignIn::lockTime(int failures) {
  if (failures < kLockFrom) {
    return {};
  }
  constexpr int kDoublings = 16;  // beyond a day anyway
  const int doublings = std::min(failures - kLockFrom, kDoublings);
  return std::min<std::chrono::seconds>(kFirstLock * (1L << doublings), kLongestLock);
}

Result<store::Order> SignIn::check(const std::string& permitNumber, const std::string& userCode) {
  const auto place = hasher_.enter();
  if (!place) {
    return tl::unexpected(place.error());
  }
  const std::string subject = attemptSubject(permitNumber);
  const Time now = clock_.now();
  const auto attempt = sessions_.reserveAttempt(subject, lockTime, now);
  if (!attempt) {
    return store::asError(attempt.error());
  }
  if (attempt->locked) {
    return locked(attempt->lockedUntil, now);
  }
  auto order = orders_.openOrder(permitNumber);
  if (!order && order.error().code != store::ErrorCode::NotFound) {
    return store::asError(order.error());
  }
  const std::string hash = order ? order->userCodeHash : std::string();
  if (!hasher_.matches(*place, normalUserCode(userCode), hash)) {
    return wrong(*attempt, now);
  }
  const auto cleared = sessions_.clearAttempts(subject);
  if (!cleared) {
    return store::asError(cleared.error());
  }
  return *std::move(order);
}

Result<SignIn::Session> SignIn::open(const std::string& permitNumber, const std::string& userCode) {
  const auto order = check(permitNumber, userCode);
  if (!order) {
    return tl::unexpected(order.error());
  }
  const Time now = clock_.now();
  Session session{.token = randomIdentifier() + randomIdentifier(),
                  .expiresAt = now + kSessionTime};
  const auto saved =
      sessions_.saveSession(sha256Hex(session.token), order->id, session.expiresAt, now);
  if (!saved) {
    return store::asError(saved.error());
  }
  return session;
}

Result<store::Order> SignIn::orderOf(const std::string& token) {
  const auto orderId = sessions_.session(sha256Hex(token), clock_.now());
  if (!orderId) {
    return orderId.error().code == store::ErrorCode::NotFound ? refused(401, "session.expired")
                                                              : store::asError(orderId.error());
  }
  auto order = orders_.order(*orderId);
  if (!order) {
    return store::asError(order.error());
  }
  return *std::move(order);
}

}  // namespace fncard::server::session
