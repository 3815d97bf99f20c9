// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

/// What a card becomes with its order.
struct CardStatus {
  OrderState state;
  CertificateStatus certificates;
  int reason;  ///< RFC 5280 §5.3.1
};

/// Order and certificates of the card that the order's holder has; also when that is so already.
Result<void> moveCard(Session& session, const Order& order, const CardStatus& to,
                      const std::string& actor, Time at) {
  if (order.state == to.state) {
    return {};
  }
  if (!allowed(order.state, to.state)) {  // an order without a card among them
    return fail(ErrorCode::WrongState, std::string(name(order.state)));
  }
  const auto job = jobOfCard(session, order.cardNumber);
  if (!job) {
    return tl::unexpected(job.error());
  }
  auto moved = moveOrder(session, order.id, to.state, actor, at);
  if (moved) {
    changeStatus(session, job->id, to.certificates, to.reason, at);
  }
  return moved;
}

}  // namespace

Result<void> SqlStore::suspendCard(const std::string& orderId, const std::string& actor, Time at) {
  constexpr int kCertificateHold = 6;
  return database_.write([&](Session& session) {
    return orderOf(session, orderId).and_then([&](const Order& order) {
      return moveCard(session, order,
                      {OrderState::Suspended, CertificateStatus::OnHold, kCertificateHold}, actor,
                      at);
    });
  });
}

Result<void> SqlStore::resumeCard(const std::string& orderId, const std::string& actor, Time at) {
  constexpr int kNoReason = 0;
  return database_.write([&](Session& session) {
    return orderOf(session, orderId).and_then([&](const Order& order) -> Result<void> {
      // mailed → activated is for the card alone to do
      if (order.state == OrderState::Mailed) {
        return fail(ErrorCode::WrongState, std::string(name(order.state)));
      }
      return moveCard(session, order, {OrderState::Activated, CertificateStatus::Good, kNoReason},
                      actor, at);
    });
  });
}

Result<void> SqlStore::revokeCard(const std::string& orderId, RevocationReason reason,
                                  const std::string& actor, Time at) {
  return database_.write([&](Session& session) {
    return orderOf(session, orderId).and_then([&](const Order& order) {
      if (order.state != OrderState::Revoked) {
        appendAudit(session, at, {actor, "card.revoked", orderId, std::string(name(reason))});
      }
      return moveCard(session, order,
                      {OrderState::Revoked, CertificateStatus::Revoked, static_cast<int>(reason)},
                      actor, at);
    });
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
