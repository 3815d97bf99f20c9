// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/migrations.h"

#include <array>
#include <span>

namespace fncard::server::store::sql {
namespace {

// Times are seconds since 1970, bytes are base64, an absent text is ''. The SQL is what SQLite and
// PostgreSQL have in common. A migration that has been released is never changed.
constexpr std::array kFirst = {
    "CREATE TABLE orders (order_id TEXT PRIMARY KEY, permit_number TEXT NOT NULL,"
    " name TEXT NOT NULL, birth_date TEXT NOT NULL, phone TEXT NOT NULL, email TEXT NOT NULL,"
    " language TEXT NOT NULL, profile TEXT NOT NULL, state TEXT NOT NULL,"
    " refusal TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL, deadline BIGINT NOT NULL,"
    " user_code_hash TEXT NOT NULL, delivery_address TEXT NOT NULL DEFAULT '',"
    " card_number TEXT NOT NULL DEFAULT '', subject_serial TEXT NOT NULL DEFAULT '',"
    " mail_number TEXT NOT NULL DEFAULT '')",
    // two windows at the same time: one permit number has one order that is not over
    "CREATE UNIQUE INDEX orders_open_permit ON orders (permit_number)"
    " WHERE state NOT IN ('purged', 'refused', 'revoked', 'expired')",
    "CREATE INDEX orders_state ON orders (state, deadline)",
    "CREATE TABLE order_events (order_id TEXT NOT NULL REFERENCES orders, sequence BIGINT NOT NULL,"
    " at BIGINT NOT NULL, actor TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,"
    " PRIMARY KEY (order_id, sequence))",
    "CREATE TABLE idempotency (scope TEXT NOT NULL, idempotency_key TEXT NOT NULL,"
    " request_hash TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL,"
    " PRIMARY KEY (scope, idempotency_key))",
    "CREATE TABLE payments (merchant_trade_no TEXT PRIMARY KEY,"
    " order_id TEXT NOT NULL REFERENCES orders, amount BIGINT NOT NULL, state TEXT NOT NULL,"
    " created_at BIGINT NOT NULL, trade_no TEXT NOT NULL DEFAULT '', invoice_kind TEXT NOT NULL,"
    " invoice_value TEXT NOT NULL)",
    "CREATE INDEX payments_order ON payments (order_id)",
    "CREATE INDEX payments_state ON payments (state)",
    // money that has come, once for each number of ours and of the gateway's
    "CREATE TABLE trades (merchant_trade_no TEXT NOT NULL REFERENCES payments,"
    " trade_no TEXT NOT NULL, amount BIGINT NOT NULL, refund_reason TEXT NOT NULL,"
    " at BIGINT NOT NULL, PRIMARY KEY (merchant_trade_no, trade_no))",
    "CREATE TABLE jobs (job_id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders,"
    " card_number TEXT NOT NULL UNIQUE, state TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " station TEXT NOT NULL DEFAULT '', expiry TEXT NOT NULL DEFAULT '',"
    " spoil_reason TEXT NOT NULL DEFAULT '', replacement TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX jobs_state ON jobs (state, created_at)",
    "CREATE TABLE certificates (serial TEXT PRIMARY KEY, job_id TEXT NOT NULL REFERENCES jobs,"
    " certificate_use TEXT NOT NULL, der TEXT NOT NULL, public_key_hash TEXT NOT NULL,"
    " crl_shard BIGINT NOT NULL, status TEXT NOT NULL, reason BIGINT NOT NULL,"
    " since BIGINT NOT NULL, replaced BIGINT NOT NULL DEFAULT 0)",
    "CREATE INDEX certificates_job ON certificates (job_id)",
    "CREATE INDEX certificates_key ON certificates (public_key_hash)",
    "CREATE INDEX certificates_not_good ON certificates (crl_shard) WHERE status <> 'good'",
    "CREATE TABLE crl_shards (crl_shard BIGINT PRIMARY KEY, changes BIGINT NOT NULL,"
    " last_number BIGINT NOT NULL, der TEXT NOT NULL, der_changes BIGINT NOT NULL,"
    " next_update BIGINT NOT NULL)",
    "CREATE TABLE activations (activation_id TEXT PRIMARY KEY,"
    " order_id TEXT NOT NULL REFERENCES orders, card_number TEXT NOT NULL UNIQUE,"
    " nonce TEXT NOT NULL, state TEXT NOT NULL, began_at BIGINT NOT NULL,"
    " released_at BIGINT NOT NULL DEFAULT 0, ended_at BIGINT NOT NULL DEFAULT 0,"
    " receipt_hash TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE attempts (subject_hash TEXT PRIMARY KEY, failures BIGINT NOT NULL,"
    " last_at BIGINT NOT NULL, locked_until BIGINT NOT NULL)",
    "CREATE TABLE sessions (token_hash TEXT PRIMARY KEY,"
    " order_id TEXT NOT NULL REFERENCES orders, expires_at BIGINT NOT NULL)",
    "CREATE TABLE operators (serial TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL,"
    " added_at BIGINT NOT NULL, withdrawn_at BIGINT NOT NULL DEFAULT 0)",
    "CREATE TABLE audit (sequence BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL,"
    " action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL,"
    " hash TEXT NOT NULL)",
};

// a chain of audit entries for each node; when an order's personal data was erased
constexpr std::array kSecond = {
    "CREATE TABLE audit_chains (node TEXT NOT NULL, sequence BIGINT NOT NULL, at BIGINT NOT NULL,"
    " actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,"
    " previous TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (node, sequence))",
    "INSERT INTO audit_chains (node, sequence, at, actor, action, subject, detail, previous, hash)"
    " SELECT '', sequence, at, actor, action, subject, detail, previous, hash FROM audit",
    "DROP TABLE audit",
    "ALTER TABLE audit_chains RENAME TO audit",
    "ALTER TABLE orders ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX orders_to_erase ON orders (order_id)"
    " WHERE erased_at = 0 AND state IN ('revoked', 'expired')",
};

// PINs that were unblocked: each one gives the card another PUK; payments that the gateway is asked
// about
constexpr std::array kThird = {
    "ALTER TABLE payments ADD COLUMN ask_after BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX payments_to_ask ON payments (ask_after) WHERE state IN ('open', 'notified')",
    "CREATE TABLE unblockings (unblocking_id TEXT PRIMARY KEY,"
    " order_id TEXT NOT NULL REFERENCES orders, card_number TEXT NOT NULL, nonce TEXT NOT NULL,"
    " epoch BIGINT NOT NULL, state TEXT NOT NULL, releases BIGINT NOT NULL DEFAULT 0,"
    " began_at BIGINT NOT NULL,"
    " released_at BIGINT NOT NULL DEFAULT 0, ended_at BIGINT NOT NULL DEFAULT 0,"
    " receipt_hash TEXT NOT NULL DEFAULT '', UNIQUE (card_number, epoch))",
};

// the last day of each order's card, for the orders that expire
constexpr std::array kFourth = {
    "ALTER TABLE orders ADD COLUMN last_day TEXT NOT NULL DEFAULT ''",
    "UPDATE orders SET last_day = COALESCE((SELECT j.expiry FROM jobs j"
    " WHERE j.card_number = orders.card_number), '') WHERE card_number <> ''",
    "CREATE INDEX orders_last_day ON orders (last_day)"
    " WHERE state IN ('mailed', 'activated', 'suspended')",
};

const std::array<std::span<const char* const>, 4> kMigrations = {kFirst, kSecond, kThird, kFourth};

long long versionOf(Session& session) {
  session.connection << "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
  return select<NumberRow>(session, "SELECT COALESCE(MAX(version), 0) FROM schema_version").front();
}

}  // namespace

Result<void> migrate(Database& database) {
  // before the transaction: one that has waited must see what the other one made
  const auto turn = database.turn(kMigrationTurn);
  if (!turn) {
    return tl::unexpected(turn.error());
  }
  return database.write([](Session& session) -> Result<void> {
    const auto ours = static_cast<long long>(kMigrations.size());
    const long long found = versionOf(session);
    if (found > ours) {
      return tl::unexpected(Error{ErrorCode::Failed, "a newer fncard-server wrote this database"});
    }
    for (long long version = found; version < ours; ++version) {
      for (const char* statement : kMigrations.at(static_cast<std::size_t>(version))) {
        session.connection << statement;
      }
      execute(session, "INSERT INTO schema_version (version) VALUES (:version)", version + 1);
    }
    return {};
  });
}

}  // namespace fncard::server::store::sql
