// SPDX-License-Identifier: Apache-2.0
#include "server/payment/payment.h"

#include <spdlog/spdlog.h>

#include "server/base/random.h"
#include "server/payment/invoice.h"
#include "server/registration/registration.h"
#include "server/store/errors.h"

namespace fncard::server::payment {
namespace {

constexpr const char* kReceived = "1|OK";
constexpr int kCardNumberTries = 8;
constexpr std::size_t kSubjectSerialDigits = 16;

/// 20 letters and digits, ECPay's limit; 100 random bits are never used again.
std::string newMerchantTradeNo() {
  return randomText("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 20);
}

}  // namespace

Result<PaymentForm> PaymentService::begin(const store::Order& order, const PaymentRequest& request,
                                          const store::Idempotency& idempotency) {
  if (!isInvoiceValue(request.invoiceKind, request.invoiceValue)) {
    return refused(422, "payment.invoice-refused");
  }
  const Time now = clock_.now();
  if (order.state == store::OrderState::Applied && order.deadline < now) {
    return refused(409, "payment.deadline-passed");
  }
  const auto payment = payments_.openPayment({.merchantTradeNo = newMerchantTradeNo(),
                                              .orderId = order.id,
                                              .amount = registration::kFee,
                                              .createdAt = now,
                                              .invoiceKind = request.invoiceKind,
                                              .invoiceValue = request.invoiceValue},
                                             request.deliveryAddress, idempotency);
  if (!payment) {
    return payment.error().code == store::ErrorCode::WrongState
               ? refused(409, "payment.not-payable")
               : store::asError(payment.error());
  }
  return provider_.form({.merchantTradeNo = payment->merchantTradeNo,
                         .at = payment->createdAt,
                         .amount = payment->amount});
}

Result<PaymentForm> PaymentService::form(const store::Order& order,
                                         const std::string& merchantTradeNo) {
  const auto payment = payments_.payment(merchantTradeNo);
  if (!payment) {
    return store::asError(payment.error());
  }
  if (payment->orderId != order.id) {
    return refused(404, "request.not-found");
  }
  if (order.state != store::OrderState::Applied || payment->state != store::PaymentState::Open) {
    return refused(409, "payment.not-payable");
  }
  if (order.deadline < clock_.now()) {
    return refused(409, "payment.deadline-passed");
  }
  return provider_.form({.merchantTradeNo = payment->merchantTradeNo,
                         .at = payment->createdAt,
                         .amount = payment->amount});
}

std::string PaymentService::notified(const net::Form& form) {
  const auto notification = provider_.readNotification(form);
  if (!notification) {
    return "0|" + notification.error().detail;
  }
  if (!notification->succeeded) {
    return kReceived;  // a try that failed, or a simulation: heard, and nothing to do
  }
  const auto payment = payments_.payment(notification->merchantTradeNo);
  if (!payment) {
    return payment.error().code == store::ErrorCode::NotFound ? "0|MerchantTradeNoError"
                                                              : "0|TryAgain";
  }
  if (notification->amount != payment->amount) {
    return "0|TradeAmtError";
  }
  const auto recorded = payments_.recordNotification(notification->merchantTradeNo,
                                                     notification->tradeNo, clock_.now());
  if (!recorded) {
    return "0|TryAgain";
  }
  // the money is remembered: from here on the gateway need not come again
  return confirm(*payment) == Outcome::Unpaid ? "0|TradeStatusError" : kReceived;
}

PaymentService::Outcome PaymentService::confirm(const store::Payment& payment) {
  const auto trade = provider_.query(payment.merchantTradeNo, clock_.now());
  if (!trade) {
    spdlog::warn("payment {}: the gateway cannot be asked: {}", payment.merchantTradeNo,
                 trade.error().detail);
    return Outcome::Undecided;
  }
  if (!trade->paid || trade->amount != payment.amount) {
    return Outcome::Unpaid;
  }
  const auto marked = markPaid(payment, trade->tradeNo);
  if (!marked) {
    spdlog::warn("payment {}: not recorded: {}", payment.merchantTradeNo, marked.error().detail);
    return Outcome::Undecided;
  }
  return *marked == store::PaymentStore::Paid::Refund ? Outcome::Refund : Outcome::Paid;
}

tl::expected<store::PaymentStore::Paid, store::Error> PaymentService::markPaid(
    const store::Payment& payment, const std::string& tradeNo) {
  for (int i = 1;; ++i) {
    auto marked = payments_.markPaid(payment.merchantTradeNo, tradeNo,
                                     {.jobId = randomIdentifier(),
                                      .cardNumber = randomCardNumber(),
                                      .subjectSerial = randomDigits(kSubjectSerialDigits)},
                                     clock_.now());
    const bool taken = !marked && marked.error().code == store::ErrorCode::NotUnique;
    if (!taken || i == kCardNumberTries) {
      return marked;
    }
  }
}

Result<store::Order> PaymentService::returned(const net::Form& form) {
  const auto payment = payments_.payment(net::formValue(form, "MerchantTradeNo"));
  if (!payment) {
    return store::asError(payment.error());
  }
  auto order = orders_.order(payment->orderId);
  if (!order) {
    return store::asError(order.error());
  }
  return *std::move(order);
}

PaymentService::Tally PaymentService::reconcile() {
  Tally tally;
  const auto notified = payments_.notifiedPayments();
  if (!notified) {
    return tally;
  }
  for (const store::Payment& payment : *notified) {
    switch (confirm(payment)) {
      case Outcome::Paid:
        ++tally.paid;
        break;
      case Outcome::Refund:
        ++tally.refundCases;
        break;
      case Outcome::Unpaid:
      case Outcome::Undecided:
        ++tally.undecided;
        break;
    }
  }
  return tally;
}

void PaymentService::purgeIfUnpaid(const store::Order& order, Tally& tally) {
  const auto payments = payments_.paymentsOf(order.id);
  if (!payments) {
    ++tally.undecided;
    return;
  }
  bool paid = false;
  for (const store::Payment& payment : *payments) {
    const Outcome outcome = confirm(payment);
    if (outcome == Outcome::Undecided) {
      ++tally.undecided;
      return;
    }
    tally.refundCases += outcome == Outcome::Refund ? 1 : 0;
    paid = paid || outcome == Outcome::Paid;
  }
  if (paid) {
    ++tally.paid;
  } else if (orders_.purge(order.id, clock_.now())) {
    ++tally.purged;
  } else {
    ++tally.undecided;  // a notification was quicker, or the database is busy
  }
}

PaymentService::Tally PaymentService::purgeOverdue() {
  Tally tally;
  const auto overdue = orders_.overdue(clock_.now());
  if (overdue) {
    for (const store::Order& order : *overdue) {
      purgeIfUnpaid(order, tally);
    }
  }
  return tally;
}

}  // namespace fncard::server::payment
