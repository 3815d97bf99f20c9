// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

/// Order and certificates of the card that the order's holder has.
Result<void> moveCard(Session& session, const std::string& orderId, OrderState state,
                      CertificateStatus status, int reason, const std::string& actor, Time at) {
  const auto order = orderOf(session, orderId);
  if (!order) {
    return tl::unexpected(order.error());
  }
  if (order->state == state) {
    return {};
  }
  if (!allowed(order->state, state)) {  // an order without a card among them
    return fail(ErrorCode::WrongState, std::string(name(order->state)));
  }
  const auto job = selectOne<JobRow>(session, "job",
                                     JobRow::kSelect + std::string(" WHERE card_number = :number"),
                                     order->cardNumber);
  if (!job) {
    return tl::unexpected(job.error());
  }
  auto moved = moveOrder(session, orderId, state, actor, at);
  if (moved) {
    changeStatus(session, job->id, status, reason, at);
  }
  return moved;
}

}  // namespace

Result<void> SqlStore::suspendCard(const std::string& orderId, const std::string& actor, Time at) {
  constexpr int kCertificateHold = 6;  // RFC 5280 §5.3.1
  return database_.write([&](Session& session) -> Result<void> {
    return moveCard(session, orderId, OrderState::Suspended, CertificateStatus::OnHold,
                    kCertificateHold, actor, at);
  });
}

Result<void> SqlStore::resumeCard(const std::string& orderId, const std::string& actor, Time at) {
  constexpr int kNoReason = 0;
  return database_.write([&](Session& session) -> Result<void> {
    // also mailed → activated, which is for the card alone to do
    const auto order = orderOf(session, orderId);
    if (order && order->state != OrderState::Suspended && order->state != OrderState::Activated) {
      return fail(ErrorCode::WrongState, std::string(name(order->state)));
    }
    return moveCard(session, orderId, OrderState::Activated, CertificateStatus::Good, kNoReason,
                    actor, at);
  });
}

Result<void> SqlStore::revokeCard(const std::string& orderId, RevocationReason reason,
                                  const std::string& actor, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto order = orderOf(session, orderId);
    if (order && order->state != OrderState::Revoked) {
      appendAudit(session, at, {actor, "card.revoked", orderId, std::string(name(reason))});
    }
    return moveCard(session, orderId, OrderState::Revoked, CertificateStatus::Revoked,
                    static_cast<int>(reason), actor, at);
  });
}

Result<int> SqlStore::expireCards(const std::string& today, Time at, int most) {
  return database_.write([&](Session& session) -> Result<int> {
    const auto orders = select<TextRow>(
        session,
        std::string("SELECT order_id FROM orders WHERE last_day <> '' AND last_day < :today"
                    " AND state IN ('mailed', 'activated', 'suspended')"
                    " ORDER BY last_day, order_id LIMIT :most") +
            session.dialect.taken(),
        today, most);
    for (const std::string& orderId : orders) {
      if (auto moved = moveOrder(session, orderId, OrderState::Expired, kSystem, at); !moved) {
        return tl::unexpected(moved.error());
      }
    }
    return static_cast<int>(orders.size());
  });
}

}  // namespace fncard::server::store::sql
