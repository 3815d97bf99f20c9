// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

const std::string kGateway = "gateway";

struct PaymentRow {
  static constexpr const char* kSelect =
      "SELECT merchant_trade_no, order_id, amount, state, created_at, trade_no, invoice_kind,"
      " invoice_value, ask_after FROM payments";
  Payment payment;
  std::string state;
  long long amount = 0;
  long long createdAt = 0;
  long long askAfter = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(payment.merchantTradeNo));
    statement.exchange(soci::into(payment.orderId));
    statement.exchange(soci::into(amount));
    statement.exchange(soci::into(state));
    statement.exchange(soci::into(createdAt));
    statement.exchange(soci::into(payment.tradeNo));
    statement.exchange(soci::into(payment.invoiceKind));
    statement.exchange(soci::into(payment.invoiceValue));
    statement.exchange(soci::into(askAfter));
  }
  [[nodiscard]] Payment value() const {
    Payment result = payment;
    result.amount = static_cast<int>(amount);
    result.state = stateOf<PaymentState>(state);
    result.createdAt = timeOfSeconds(createdAt);
    result.askAfter = timeOfSeconds(askAfter);
    return result;
  }
};

struct RefundRow {
  Refund refund;
  long long amount = 0;
  long long at = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(refund.merchantTradeNo));
    statement.exchange(soci::into(refund.tradeNo));
    statement.exchange(soci::into(amount));
    statement.exchange(soci::into(refund.reason));
    statement.exchange(soci::into(at));
  }
  [[nodiscard]] Refund value() const {
    Refund result = refund;
    result.amount = static_cast<int>(amount);
    result.createdAt = timeOfSeconds(at);
    return result;
  }
};

std::string paymentsWhere(const char* condition) {
  return PaymentRow::kSelect + std::string(" WHERE ") + condition;
}

Result<Payment> paymentOf(Session& session, const std::string& merchantTradeNo) {
  return selectOne<PaymentRow>(session, "payment", paymentsWhere("merchant_trade_no = :number"),
                               merchantTradeNo);
}

void recordTrade(Session& session, const Payment& payment, const PaymentStore::Trade& trade,
                 const std::string& refundReason, Time at) {
  const long long amount = trade.amount;
  execute(session,
          "INSERT INTO trades (merchant_trade_no, trade_no, amount, refund_reason, at)"
          " VALUES (:number, :trade, :amount, :reason, :at)",
          payment.merchantTradeNo, trade.tradeNo, amount, refundReason, secondsOf(at));
  const PaymentState state = refundReason.empty() ? PaymentState::Paid : PaymentState::Refund;
  if (payment.state != PaymentState::Paid) {
    execute(session,
            "UPDATE payments SET state = :state, trade_no = :trade"
            " WHERE merchant_trade_no = :number",
            std::string(name(state)), trade.tradeNo, payment.merchantTradeNo);
  }
}

/// Nobody has the card number yet.
bool isFree(Session& session, const std::string& cardNumber) {
  return select<TextRow>(session, "SELECT job_id FROM jobs WHERE card_number = :number", cardNumber)
      .empty();
}

void insertJob(Session& session, const PaymentStore::NewCard& card, const std::string& orderId,
               Time at) {
  execute(session,
          "INSERT INTO jobs (job_id, order_id, card_number, state, created_at)"
          " VALUES (:job, :order, :card, 'open', :at)",
          card.jobId, orderId, card.cardNumber, secondsOf(at));
  execute(session,
          "UPDATE orders SET card_number = :card, subject_serial = :serial WHERE order_id = :id",
          card.cardNumber, card.subjectSerial, orderId);
}

}  // namespace

Result<Payment> SqlStore::openPayment(const Payment& payment, const std::string& deliveryAddress,
                                      const Idempotency& idempotency) {
  return database_.write([&](Session& session) -> Result<Payment> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    if (before->has_value()) {
      return paymentOf(session, **before);
    }
    const auto order = orderOf(session, payment.orderId);
    if (!order) {
      return tl::unexpected(order.error());
    }
    if (order->state != OrderState::Applied) {
      return fail(ErrorCode::WrongState, std::string(name(order->state)));
    }
    if (select<NumberRow>(session, "SELECT COUNT(*) FROM payments WHERE order_id = :id",
                          payment.orderId)
            .front() >= kMostPayments) {
      return fail(ErrorCode::NotUnique, "payments of one order");
    }
    const long long amount = payment.amount;
    execute(session,
            "INSERT INTO payments (merchant_trade_no, order_id, amount, state, created_at,"
            " invoice_kind, invoice_value, ask_after) VALUES (:number, :order, :amount, 'open',"
            " :at, :kind, :value, :ask)",
            payment.merchantTradeNo, payment.orderId, amount, secondsOf(payment.createdAt),
            payment.invoiceKind, payment.invoiceValue, secondsOf(payment.askAfter));
    execute(session, "UPDATE orders SET delivery_address = :address WHERE order_id = :id",
            deliveryAddress, payment.orderId);
    remember(session, idempotency, payment.merchantTradeNo, payment.createdAt);
    appendAudit(session, payment.createdAt,
                {"applicant", "payment.opened", payment.orderId, payment.merchantTradeNo});
    return payment;
  });
}

Result<Payment> SqlStore::payment(const std::string& merchantTradeNo) {
  return database_.read([&](Session& session) { return paymentOf(session, merchantTradeNo); });
}

Result<std::vector<Payment>> SqlStore::paymentsOf(const std::string& orderId) {
  return database_.read([&](Session& session) -> Result<std::vector<Payment>> {
    return select<PaymentRow>(
        session, paymentsWhere("order_id = :id ORDER BY created_at, merchant_trade_no"), orderId);
  });
}

Result<void> SqlStore::recordNotification(const std::string& merchantTradeNo,
                                          const std::string& tradeNo, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const long long changed = execute(session,
                                      "UPDATE payments SET state = 'notified', trade_no = :trade,"
                                      " ask_after = :now"
                                      " WHERE merchant_trade_no = :number AND state = 'open'",
                                      tradeNo, secondsOf(at), merchantTradeNo);
    if (changed > 0) {
      appendAudit(session, at, {kGateway, "payment.notified", merchantTradeNo, tradeNo});
    }
    return {};
  });
}

Result<std::vector<Payment>> SqlStore::paymentsToAsk(Time now, int most) {
  return database_.read([&](Session& session) -> Result<std::vector<Payment>> {
    return select<PaymentRow>(session,
                              paymentsWhere("state IN ('open', 'notified') AND ask_after <= :now"
                                            " ORDER BY ask_after, merchant_trade_no LIMIT :most"),
                              secondsOf(now), static_cast<long long>(most));
  });
}

Result<void> SqlStore::askPaymentAgain(const std::string& merchantTradeNo, Time after) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session, "UPDATE payments SET ask_after = :after WHERE merchant_trade_no = :number",
            secondsOf(after), merchantTradeNo);
    return {};
  });
}

Result<PaymentStore::Paid> SqlStore::markPaid(const std::string& merchantTradeNo,
                                              const Trade& trade, const NewCard& card, Time at) {
  return database_.write([&](Session& session) -> Result<Paid> {
    const auto payment = paymentOf(session, merchantTradeNo);
    if (!payment) {
      return tl::unexpected(payment.error());
    }
    if (!select<NumberRow>(session,
                           "SELECT at FROM trades WHERE merchant_trade_no = :number"
                           " AND trade_no = :trade",
                           merchantTradeNo, trade.tradeNo)
             .empty()) {
      return Paid::Repeated;
    }
    const auto order = orderOf(session, payment->orderId);
    if (!order) {
      return tl::unexpected(order.error());
    }
    const bool wrongAmount = trade.amount != payment->amount;
    if (order->state != OrderState::Applied || wrongAmount) {
      const std::string reason = wrongAmount                          ? "wrong-amount"
                                 : order->state == OrderState::Purged ? "order-purged"
                                                                      : "paid-twice";
      recordTrade(session, *payment, trade, reason, at);
      appendAudit(session, at, {kGateway, "payment.refund-case", merchantTradeNo, reason});
      return Paid::Refund;
    }
    if (!isFree(session, card.cardNumber)) {
      return fail(ErrorCode::NotUnique, "card number");
    }
    recordTrade(session, *payment, trade, "", at);
    insertJob(session, card, order->id, at);
    return moveOrder(session, order->id, OrderState::Paid, kGateway, at).map([] {
      return Paid::Accepted;
    });
  });
}

Result<std::vector<Refund>> SqlStore::refunds() {
  return database_.read([&](Session& session) -> Result<std::vector<Refund>> {
    return select<RefundRow>(session,
                             "SELECT merchant_trade_no, trade_no, amount, refund_reason, at"
                             " FROM trades WHERE refund_reason <> '' ORDER BY at, trade_no");
  });
}

}  // namespace fncard::server::store::sql
