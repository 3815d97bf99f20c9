// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {

Result<void> SqlStore::extendSession(const std::string& tokenHash, Time expiresAt,
                                     std::chrono::seconds atLeast) {
  const long long until = secondsOf(expiresAt);
  const auto stored = database_.read([&](Session& session) {
    return selectOne<NumberRow>(
        session, "session", "SELECT expires_at FROM sessions WHERE token_hash = :token", tokenHash);
  });
  if (!stored) {
    return tl::unexpected(stored.error());
  }
  if (until - *stored < atLeast.count()) {
    return {};
  }
  return database_.write([&](Session& session) -> Result<void> {
    // never back: of two requests at the same time, the later moment counts
    execute(session,
            "UPDATE sessions SET expires_at = :until"
            " WHERE token_hash = :token AND expires_at < :later",
            until, tokenHash, until);
    return {};
  });
}

Result<void> SqlStore::endSession(const std::string& tokenHash, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto orders = select<TextRow>(
        session, "SELECT order_id FROM sessions WHERE token_hash = :token", tokenHash);
    if (orders.empty()) {
      return {};
    }
    execute(session, "DELETE FROM sessions WHERE token_hash = :token", tokenHash);
    appendAudit(session, at, {"applicant", "session.closed", orders.front(), ""});
    return {};
  });
}

}  // namespace fncard::server::store::sql
