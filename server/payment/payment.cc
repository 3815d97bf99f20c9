// SPDX-License-Identifier: Apache-2.0
#include "server/payment/payment.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/base/random.h"
#include "server/base/text.h"
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

constexpr std::chrono::minutes kFirstQuestion{10};
constexpr std::chrono::hours kLongestPause{24};
constexpr std::chrono::hours kLastQuestion{31 * 24};
constexpr int kQuestionsAtOnce = 100;

/// As long again as it is since it was opened, between ten minutes and a day; after a month never.
Time nextQuestion(const store::Payment& payment, Time now) {
  if (now > payment.createdAt + kLastQuestion) {
    return Time::max();
  }
  return now + std::clamp<Time::duration>(now - payment.createdAt, kFirstQuestion, kLongestPause);
}

}  // namespace

bool isDeliveryAddress(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return false;
  }
  const std::size_t count = characters(text.substr(first, text.find_last_not_of(' ') - first + 1));
  return count >= kShortestAddress && count <= kLongestAddress;
}

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
                                              .invoiceValue = request.invoiceValue,
                                              .askAfter = now + kFirstQuestion},
                                             request.deliveryAddress, idempotency);
  if (!payment && payment.error().code == store::ErrorCode::NotUnique) {
    constexpr std::chrono::hours kTomorrow{24};
    const std::chrono::seconds wait = kTomorrow;
    return tl::unexpected(Error{.status = 429,
                                .code = "request.too-many",
                                .parameters = {{"seconds", std::to_string(wait.count())}},
                                .retryAfter = wait});
  }
  if (!payment) {
    return store::asError(payment.error(), "payment.not-payable");
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
    spdlog::warn("payment {}: a notification of {} in place of {}", payment->merchantTradeNo,
                 notification->amount, payment->amount);
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
    return Outcome::Silent;
  }
  if (!trade->paid) {
    return payments_.askPaymentAgain(payment.merchantTradeNo, nextQuestion(payment, clock_.now()))
               ? Outcome::Unpaid
               : Outcome::Busy;
  }
  const auto marked = markPaid(payment, *trade);
  if (!marked) {
    spdlog::warn("payment {}: not recorded: {}", payment.merchantTradeNo, marked.error().detail);
    return Outcome::Busy;
  }
  return *marked == store::PaymentStore::Paid::Refund ? Outcome::Refund : Outcome::Paid;
}

tl::expected<store::PaymentStore::Paid, store::Error> PaymentService::markPaid(
    const store::Payment& payment, const Trade& trade) {
  for (int i = 1;; ++i) {
    auto marked = payments_.markPaid(payment.merchantTradeNo, {trade.tradeNo, trade.amount},
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
  if (payment->state == store::PaymentState::Open ||
      payment->state == store::PaymentState::Notified) {
    confirm(*payment);
  }
  auto order = orders_.order(payment->orderId);
  if (!order) {
    return store::asError(order.error());
  }
  return *std::move(order);
}

PaymentService::Tally PaymentService::reconcile() {
  Tally tally;
  const auto due = payments_.paymentsToAsk(clock_.now(), kQuestionsAtOnce);
  if (!due) {
    return tally;
  }
  for (const store::Payment& payment : *due) {
    switch (confirm(payment)) {
      case Outcome::Paid:
        ++tally.paid;
        break;
      case Outcome::Refund:
        ++tally.refundCases;
        break;
      case Outcome::Unpaid:
        break;
      case Outcome::Busy:
        ++tally.busy;
        break;
      case Outcome::Silent:
        ++tally.undecided;
        return tally;  // the rest would only wait for it one by one
    }
  }
  return tally;
}

void PaymentService::purgeIfUnpaid(const store::Order& order, Tally& tally, bool& silent) {
  const auto payments = payments_.paymentsOf(order.id);
  if (!payments) {
    ++tally.busy;
    return;
  }
  bool paid = false;
  for (const store::Payment& payment : *payments) {
    const Outcome outcome = silent ? Outcome::Silent : confirm(payment);
    silent = outcome == Outcome::Silent;
    if (silent || outcome == Outcome::Busy) {
      ++(silent ? tally.undecided : tally.busy);
      return;
    }
    tally.refundCases += outcome == Outcome::Refund ? 1 : 0;
    paid = paid || outcome == Outcome::Paid;
  }
  if (paid) {
    ++tally.paid;
    return;
  }
  const auto purged = orders_.purge(order.id, clock_.now());
  if (purged) {
    ++tally.purged;
  } else if (purged.error().code != store::ErrorCode::WrongState) {
    ++tally.busy;
  }  // otherwise a notification or another node's upkeep was quicker
}

PaymentService::Tally PaymentService::purgeOverdue() {
  Tally tally;
  bool silent = false;
  const auto overdue = orders_.overdue(clock_.now());
  if (!overdue) {
    ++tally.busy;
    return tally;
  }
  for (const store::Order& order : *overdue) {
    purgeIfUnpaid(order, tally, silent);
  }
  return tally;
}

}  // namespace fncard::server::payment
