// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/audit/audit.h"
#include "server/store/names.h"
#include "server/store/sql/database.h"

/// What several intents do inside their transaction, and the rows they read.
namespace fncard::server::store::sql {

/// The actor of what time does by itself.
inline const std::string kSystem = "system";

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return tl::unexpected(Error{code, std::move(detail)});
}

/// To the chain of the node.
void appendAudit(Session& session, Time at, const audit::Event& event);

/// Writes the event and the audit entry too; WrongState when the transition table has no such way.
Result<void> moveOrder(Session& session, const std::string& orderId, OrderState to,
                       const std::string& actor, Time at);
void appendOrderEvent(Session& session, const std::string& orderId, std::string_view from,
                      std::string_view to, const std::string& actor, Time at);

/// What the key had made; IdempotencyConflict when that was something else.
Result<std::optional<std::string>> findMade(Session& session, const Idempotency& idempotency);
void remember(Session& session, const Idempotency& idempotency, const std::string& subject,
              Time at);

/// Sets the status of a job's certificates that are not replaced and not revoked, and counts the
/// change in their CRL shards.
void changeStatus(Session& session, const std::string& jobId, CertificateStatus status, int reason,
                  Time at);
void countChange(Session& session, long long crlShard);

struct OrderRow {
  static constexpr const char* kSelect =
      "SELECT order_id, permit_number, name, birth_date, phone, email, language, profile, state,"
      " refusal, created_at, deadline, user_code_hash, delivery_address, card_number,"
      " subject_serial, mail_number FROM orders";
  Order order;
  std::string state;
  long long createdAt = 0;
  long long deadline = 0;
  void into(soci::statement& statement);
  [[nodiscard]] Order value() const;
};
Result<Order> orderOf(Session& session, const std::string& orderId);

struct JobRow {
  static constexpr const char* kSelect =
      "SELECT job_id, order_id, card_number, state, station, expiry, spoil_reason, replacement"
      " FROM jobs";
  Job job;
  std::string state;
  void into(soci::statement& statement);
  [[nodiscard]] Job value() const;
};
Result<Job> jobOf(Session& session, const std::string& jobId);
Result<Job> jobOfCard(Session& session, const std::string& cardNumber);

struct CertificateRow {
  static constexpr const char* kSelect =
      "SELECT c.serial, c.job_id, c.certificate_use, c.der, c.public_key_hash, c.crl_shard,"
      " c.status, c.reason, c.since FROM certificates c";
  Certificate certificate;
  std::string use;
  std::string der;
  std::string status;
  long long crlShard = 0;
  long long reason = 0;
  long long since = 0;
  void into(soci::statement& statement);
  [[nodiscard]] Certificate value() const;
};

}  // namespace fncard::server::store::sql
