// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

constexpr std::chrono::hours kRemembered{30 * 24};

struct AttemptRow {
  long long failures = 0;
  long long lockedUntil = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(failures));
    statement.exchange(soci::into(lockedUntil));
  }
  [[nodiscard]] SessionStore::Attempt value() const {
    return {.failures = static_cast<int>(failures), .lockedUntil = timeOfSeconds(lockedUntil)};
  }
};

}  // namespace

Result<SessionStore::Attempt> SqlStore::reserveAttempt(const std::string& subjectHash,
                                                       const LockTime& lockTime, Time at) {
  return database_.write([&](Session& session) -> Result<Attempt> {
    const auto rows = select<AttemptRow>(
        session, "SELECT failures, locked_until FROM attempts WHERE subject_hash = :subject",
        subjectHash);
    Attempt attempt = rows.empty() ? Attempt{} : rows.front();
    if (attempt.lockedUntil > at) {
      attempt.locked = true;
      return attempt;
    }
    ++attempt.failures;
    const std::chrono::seconds locked = lockTime(attempt.failures);
    attempt.lockedUntil = locked.count() > 0 ? at + locked : Time{};
    const long long failures = attempt.failures;
    execute(session,
            "INSERT INTO attempts (subject_hash, failures, last_at, locked_until)"
            " VALUES (:subject, :failures, :at, :until)"
            " ON CONFLICT (subject_hash) DO UPDATE SET failures = excluded.failures,"
            " last_at = excluded.last_at, locked_until = excluded.locked_until",
            subjectHash, failures, secondsOf(at), secondsOf(attempt.lockedUntil));
    return attempt;
  });
}

Result<void> SqlStore::clearAttempts(const std::string& subjectHash) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session, "DELETE FROM attempts WHERE subject_hash = :subject", subjectHash);
    return {};
  });
}

Result<void> SqlStore::saveSession(const std::string& tokenHash, const std::string& orderId,
                                   Time expiresAt, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session,
            "INSERT INTO sessions (token_hash, order_id, expires_at) VALUES (:token, :id, :until)",
            tokenHash, orderId, secondsOf(expiresAt));
    appendAudit(session, at, {"applicant", "session.opened", orderId, ""});
    return {};
  });
}

Result<std::string> SqlStore::session(const std::string& tokenHash, Time at) {
  return database_.read([&](Session& session) {
    return selectOne<TextRow>(
        session, "session",
        "SELECT order_id FROM sessions WHERE token_hash = :token AND expires_at > :now", tokenHash,
        secondsOf(at));
  });
}

Result<void> SqlStore::forgetOld(Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const long long before = secondsOf(at - kRemembered);
    execute(session, "DELETE FROM sessions WHERE expires_at <= :now", secondsOf(at));
    execute(session, "DELETE FROM attempts WHERE last_at < :before AND locked_until < :now", before,
            secondsOf(at));
    execute(session, "DELETE FROM idempotency WHERE at < :before", before);
    return {};
  });
}

}  // namespace fncard::server::store::sql
