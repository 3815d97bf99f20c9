// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

struct EventRow {
  OrderEvent event;
  long long at = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(at));
    statement.exchange(soci::into(event.actor));
    statement.exchange(soci::into(event.from));
    statement.exchange(soci::into(event.to));
  }
  [[nodiscard]] OrderEvent value() const {
    OrderEvent result = event;
    result.at = timeOfSeconds(at);
    return result;
  }
};

std::string ordersWhere(const char* condition) {
  return OrderRow::kSelect + std::string(" WHERE ") + condition;
}

const std::string& openOrderQuery() {
  static const std::string query = ordersWhere(
      "permit_number = :permit AND state NOT IN ('purged', 'refused', 'revoked', 'expired')");
  return query;
}

void insertOrder(Session& session, const Order& order) {
  execute(session,
          "INSERT INTO orders (order_id, permit_number, name, birth_date, phone, email, language,"
          " profile, state, created_at, deadline, user_code_hash) VALUES (:id, :permit, :name,"
          " :birth, :phone, :email, :language, :profile, :state, :created, :deadline, :hash)",
          order.id, order.permitNumber, order.applicant.name, order.applicant.birthDate,
          order.phone, order.email, order.language, order.profile, std::string(name(order.state)),
          secondsOf(order.createdAt), secondsOf(order.deadline), order.userCodeHash);
}

void erasePersonalData(Session& session, const std::string& orderId) {
  execute(session,
          "UPDATE orders SET permit_number = '', name = '', birth_date = '', phone = '',"
          " email = '', user_code_hash = '', delivery_address = '', mail_number = ''"
          " WHERE order_id = :id",
          orderId);
  execute(session, "UPDATE payments SET invoice_kind = '', invoice_value = '' WHERE order_id = :id",
          orderId);
  execute(session, "DELETE FROM sessions WHERE order_id = :id", orderId);
}

}  // namespace

Result<std::optional<std::string>> SqlStore::made(const Idempotency& idempotency) {
  return database_.read([&](Session& session) { return findMade(session, idempotency); });
}

Result<OrderStore::Registered> SqlStore::registerApplication(const Order& order,
                                                             const Idempotency& idempotency,
                                                             const std::string& actor) {
  return database_.write([&](Session& session) -> Result<Registered> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    if (before->has_value()) {
      return orderOf(session, **before).map([](Order found) {
        return Registered{std::move(found), true};
      });
    }
    if (!select<OrderRow>(session, openOrderQuery(), order.permitNumber).empty()) {
      return fail(ErrorCode::OrderExists, "order");
    }
    insertOrder(session, order);
    appendOrderEvent(session, order.id, "", name(order.state), actor, order.createdAt);
    remember(session, idempotency, order.id, order.createdAt);
    appendAudit(session, order.createdAt,
                {actor, "order." + std::string(name(order.state)), order.id, ""});
    return Registered{order, false};
  });
}

Result<void> SqlStore::recordRefusedApplication(const std::string& code, const std::string& actor,
                                                Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    appendAudit(session, at, {actor, "application.refused", "", code});
    return {};
  });
}

Result<void> SqlStore::acceptAwaiting(const std::string& orderId, const Applicant& applicant,
                                      Time deadline, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session,
            "UPDATE orders SET name = :name, birth_date = :birth, deadline = :deadline"
            " WHERE order_id = :id",
            applicant.name, applicant.birthDate, secondsOf(deadline), orderId);
    return moveOrder(session, orderId, OrderState::Applied, kSystem, at);
  });
}

Result<void> SqlStore::refuseAwaiting(const std::string& orderId, const std::string& code,
                                      Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session, "UPDATE orders SET refusal = :code WHERE order_id = :id", code, orderId);
    erasePersonalData(session, orderId);
    return moveOrder(session, orderId, OrderState::Refused, kSystem, at);
  });
}

Result<bool> SqlStore::renewUserCode(const std::string& orderId, const NewUserCode& code,
                                     const Idempotency& idempotency, const std::string& actor,
                                     Time at) {
  return database_.write([&](Session& session) -> Result<bool> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    if (before->has_value()) {
      return true;
    }
    const auto order = orderOf(session, orderId);
    if (!order) {
      return tl::unexpected(order.error());
    }
    if (isOver(order->state)) {
      return fail(ErrorCode::WrongState, std::string(name(order->state)));
    }
    execute(session, "UPDATE orders SET user_code_hash = :hash WHERE order_id = :id", code.hash,
            orderId);
    execute(session, "DELETE FROM attempts WHERE subject_hash = :subject", code.attemptSubject);
    execute(session, "DELETE FROM sessions WHERE order_id = :id", orderId);
    remember(session, idempotency, orderId, at);
    appendAudit(session, at, {actor, "order.user-code-renewed", orderId, ""});
    return false;
  });
}

Result<void> SqlStore::purge(const std::string& orderId, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    erasePersonalData(session, orderId);
    return moveOrder(session, orderId, OrderState::Purged, kSystem, at);
  });
}

Result<int> SqlStore::eraseClosed(Time closedBefore, Time at, int most) {
  return database_.write([&](Session& session) -> Result<int> {
    const auto closed =
        select<TextRow>(session,
                        std::string("SELECT order_id FROM orders WHERE erased_at = 0"
                                    " AND state IN ('revoked', 'expired')"
                                    " AND (SELECT MAX(e.at) FROM order_events e"
                                    "      WHERE e.order_id = orders.order_id) < :before"
                                    " ORDER BY order_id LIMIT :most") +
                            session.dialect.taken(),
                        secondsOf(closedBefore), most);
    for (const std::string& orderId : closed) {
      erasePersonalData(session, orderId);
      execute(session, "UPDATE orders SET erased_at = :at WHERE order_id = :id", secondsOf(at),
              orderId);
      appendAudit(session, at, {kSystem, "order.erased", orderId, ""});
    }
    return static_cast<int>(closed.size());
  });
}

Result<std::unique_ptr<Turn>> SqlStore::upkeepTurn() {
  return database_.turnIfFree(kUpkeepTurn);
}

Result<Order> SqlStore::order(const std::string& orderId) {
  return database_.read([&](Session& session) { return orderOf(session, orderId); });
}

Result<Order> SqlStore::openOrder(const std::string& permitNumber) {
  return database_.read([&](Session& session) {
    return selectOne<OrderRow>(session, "order", openOrderQuery(), permitNumber);
  });
}

Result<std::vector<OrderEvent>> SqlStore::events(const std::string& orderId) {
  return database_.read([&](Session& session) -> Result<std::vector<OrderEvent>> {
    return select<EventRow>(session,
                            "SELECT at, actor, from_state, to_state FROM order_events"
                            " WHERE order_id = :id ORDER BY sequence",
                            orderId);
  });
}

Result<std::vector<Order>> SqlStore::orders() {
  return database_.read([&](Session& session) -> Result<std::vector<Order>> {
    return select<OrderRow>(session,
                            OrderRow::kSelect + std::string(" ORDER BY created_at, order_id"));
  });
}

Result<std::vector<Order>> SqlStore::ordersIn(OrderState state) {
  return database_.read([&](Session& session) -> Result<std::vector<Order>> {
    return select<OrderRow>(session, ordersWhere("state = :state ORDER BY created_at, order_id"),
                            std::string(name(state)));
  });
}

Result<std::vector<Order>> SqlStore::overdue(Time at) {
  return database_.read([&](Session& session) -> Result<std::vector<Order>> {
    return select<OrderRow>(
        session, ordersWhere("state = 'applied' AND deadline < :now ORDER BY deadline, order_id"),
        secondsOf(at));
  });
}

}  // namespace fncard::server::store::sql
