// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/records.h"

#include "server/base/time.h"

namespace fncard::server::store::sql {
namespace {

struct LastEntryRow {
  long long sequence = 0;
  std::string hash;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(sequence));
    statement.exchange(soci::into(hash));
  }
  [[nodiscard]] std::pair<long long, std::string> value() const { return {sequence, hash}; }
};

struct MadeRow {
  std::string requestHash;
  std::string subject;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(requestHash));
    statement.exchange(soci::into(subject));
  }
  [[nodiscard]] std::pair<std::string, std::string> value() const { return {requestHash, subject}; }
};

}  // namespace

void appendAudit(Session& session, Time at, const audit::Event& event) {
  const auto last = select<LastEntryRow>(session,
                                         "SELECT sequence, hash FROM audit WHERE node = :node"
                                         " ORDER BY sequence DESC LIMIT 1",
                                         session.node);
  audit::Entry entry;
  entry.sequence = last.empty() ? 1 : last.front().first + 1;
  entry.at = at;
  entry.event = event;
  entry.previous = last.empty() ? audit::firstPrevious(session.node) : last.front().second;
  entry.hash = audit::hashOf(entry);
  execute(session,
          "INSERT INTO audit (node, sequence, at, actor, action, subject, detail, previous, hash)"
          " VALUES (:node, :sequence, :at, :actor, :action, :subject, :detail, :previous, :hash)",
          session.node, entry.sequence, secondsOf(at), event.actor, event.action, event.subject,
          event.detail, entry.previous, entry.hash);
}

void appendOrderEvent(Session& session, const std::string& orderId, std::string_view from,
                      std::string_view to, const std::string& actor, Time at) {
  const long long sequence =
      select<NumberRow>(session, "SELECT COUNT(*) FROM order_events WHERE order_id = :id", orderId)
          .front();
  execute(session,
          "INSERT INTO order_events (order_id, sequence, at, actor, from_state, to_state)"
          " VALUES (:id, :sequence, :at, :actor, :from, :to)",
          orderId, sequence + 1, secondsOf(at), actor, std::string(from), std::string(to));
}

Result<void> moveOrder(Session& session, const std::string& orderId, OrderState to,
                       const std::string& actor, Time at) {
  const auto found = selectOne<TextRow>(session, "order",
                                        "SELECT state FROM orders WHERE order_id = :id", orderId);
  if (!found) {
    return tl::unexpected(found.error());
  }
  const auto from = parseOrderState(*found);
  if (!from || !allowed(*from, to)) {
    return fail(ErrorCode::WrongState, *found);
  }
  execute(session, "UPDATE orders SET state = :state WHERE order_id = :id", std::string(name(to)),
          orderId);
  appendOrderEvent(session, orderId, *found, name(to), actor, at);
  appendAudit(session, at, {actor, "order." + std::string(name(to)), orderId, "from " + *found});
  return {};
}

Result<std::optional<std::string>> findMade(Session& session, const Idempotency& idempotency) {
  const auto made = select<MadeRow>(session,
                                    "SELECT request_hash, subject FROM idempotency"
                                    " WHERE scope = :scope AND idempotency_key = :key",
                                    idempotency.scope, idempotency.key);
  if (made.empty()) {
    return std::optional<std::string>();
  }
  if (made.front().first != idempotency.requestHash) {
    return fail(ErrorCode::IdempotencyConflict, idempotency.scope);
  }
  return std::optional(made.front().second);
}

void remember(Session& session, const Idempotency& idempotency, const std::string& subject,
              Time at) {
  execute(session,
          "INSERT INTO idempotency (scope, idempotency_key, request_hash, subject, at)"
          " VALUES (:scope, :key, :hash, :subject, :at)",
          idempotency.scope, idempotency.key, idempotency.requestHash, subject, secondsOf(at));
}

void countChange(Session& session, long long crlShard) {
  execute(session,
          "INSERT INTO crl_shards (crl_shard, changes, last_number, der, der_changes, next_update)"
          " VALUES (:shard, 1, 0, '', 0, 0)"
          " ON CONFLICT (crl_shard) DO UPDATE SET changes = crl_shards.changes + 1",
          crlShard);
}

void changeStatus(Session& session, const std::string& jobId, CertificateStatus status, int reason,
                  Time at) {
  const auto shards = select<NumberRow>(session,
                                        "SELECT DISTINCT crl_shard FROM certificates"
                                        " WHERE job_id = :job AND replaced = 0",
                                        jobId);
  const long long reasonNumber = reason;
  execute(session,
          "UPDATE certificates SET status = :status, reason = :reason, since = :since"
          " WHERE job_id = :job AND replaced = 0 AND status <> 'revoked'",
          std::string(name(status)), reasonNumber, secondsOf(at), jobId);
  for (const long long shard : shards) {
    countChange(session, shard);
  }
}

void OrderRow::into(soci::statement& statement) {
  for (std::string* text :
       {&order.id, &order.permitNumber, &order.applicant.name, &order.applicant.birthDate,
        &order.phone, &order.email, &order.language, &order.profile, &state, &order.refusal}) {
    statement.exchange(soci::into(*text));
  }
  statement.exchange(soci::into(createdAt));
  statement.exchange(soci::into(deadline));
  for (std::string* text : {&order.userCodeHash, &order.deliveryAddress, &order.cardNumber,
                            &order.subjectSerial, &order.mailNumber}) {
    statement.exchange(soci::into(*text));
  }
}

Order OrderRow::value() const {
  Order result = order;
  const auto parsed = parseOrderState(state);
  if (!parsed) {
    throw std::runtime_error("the database has the order state '" + state + "'");
  }
  result.state = *parsed;
  result.createdAt = timeOfSeconds(createdAt);
  result.deadline = timeOfSeconds(deadline);
  return result;
}

Result<Order> orderOf(Session& session, const std::string& orderId) {
  return selectOne<OrderRow>(session, "order",
                             OrderRow::kSelect + std::string(" WHERE order_id = :id"), orderId);
}

void JobRow::into(soci::statement& statement) {
  for (std::string* text : {&job.id, &job.orderId, &job.cardNumber, &state, &job.station,
                            &job.expiry, &job.spoilReason, &job.replacement}) {
    statement.exchange(soci::into(*text));
  }
}

Job JobRow::value() const {
  Job result = job;
  result.state = stateOf<JobState>(state);
  return result;
}

Result<Job> jobOf(Session& session, const std::string& jobId) {
  return selectOne<JobRow>(session, "job", JobRow::kSelect + std::string(" WHERE job_id = :id"),
                           jobId);
}

Result<Job> jobOfCard(Session& session, const std::string& cardNumber) {
  return selectOne<JobRow>(
      session, "job", JobRow::kSelect + std::string(" WHERE card_number = :number"), cardNumber);
}

void CertificateRow::into(soci::statement& statement) {
  for (std::string* text :
       {&certificate.serial, &certificate.jobId, &use, &der, &certificate.publicKeyHash}) {
    statement.exchange(soci::into(*text));
  }
  statement.exchange(soci::into(crlShard));
  statement.exchange(soci::into(status));
  statement.exchange(soci::into(reason));
  statement.exchange(soci::into(since));
}

Certificate CertificateRow::value() const {
  Certificate result = certificate;
  result.use = stateOf<CertificateUse>(use);
  result.der = bytesOf(der);
  result.crlShard = static_cast<unsigned>(crlShard);
  result.status = stateOf<CertificateStatus>(status);
  result.reason = static_cast<int>(reason);
  result.since = timeOfSeconds(since);
  return result;
}

}  // namespace fncard::server::store::sql
