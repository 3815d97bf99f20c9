// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/payment/provider.h"
#include "server/store/store.h"

/// Paying for an order: once, in time, and never lost.
namespace fncard::server::payment {

struct PaymentRequest {
  std::string deliveryAddress;
  std::string invoiceKind;
  std::string invoiceValue;
};

inline constexpr std::size_t kShortestAddress = 6;  ///< characters: "臺北市中正區" and no less
inline constexpr std::size_t kLongestAddress = 100;
/// Where a registered letter can go: so many characters, spaces around them not counted.
bool isDeliveryAddress(std::string_view text);

class PaymentService {
 public:
  struct Stores {
    store::OrderStore& orders;
    store::PaymentStore& payments;
  };
  PaymentService(Stores stores, PaymentProvider& provider, const Clock& clock)
      : orders_(stores.orders), payments_(stores.payments), provider_(provider), clock_(clock) {}

  /// What the browser posts; the same idempotency key gives the same fields. 409
  /// payment.not-payable, payment.deadline-passed; 422 payment.invoice-refused.
  Result<PaymentForm> begin(const store::Order& order, const PaymentRequest& request,
                            const store::Idempotency& idempotency);

  /// The same fields again, of a payment of the order that is not paid yet. 404 for a trade that is
  /// not the order's, 409 payment.not-payable, payment.deadline-passed.
  Result<PaymentForm> form(const store::Order& order, const std::string& merchantTradeNo);

  /// The answer to a notification: "1|OK", or "0|" and the reason, after which the gateway comes
  /// again. A paid one is believed when the gateway says the same on being asked; when it cannot be
  /// asked, reconcile() does so later.
  std::string notified(const net::Form& form);

  /// The order of a browser that comes back: what it says counts for nothing, but the gateway is
  /// asked then, because its notification may be lost. NotFound: 404.
  Result<store::Order> returned(const net::Form& form);

  struct Tally {
    int paid = 0;
    int refundCases = 0;
    int purged = 0;
    int undecided = 0;  ///< the gateway could not be asked: nothing was done
    int busy = 0;       ///< the database could not be: nothing was done either
  };
  /// Asks the gateway about payments that are open or that it notified and we could not confirm,
  /// each at growing intervals for a month, also of orders that are paid or purged by now. Gives up
  /// when the gateway is silent.
  Tally reconcile();
  /// Purges what is past its deadline, when the gateway says that it is not paid. Once it is
  /// silent, only orders that nobody began to pay go on.
  Tally purgeOverdue();

 private:
  enum class Outcome { Paid, Refund, Unpaid, Silent, Busy };
  Outcome confirm(const store::Payment& payment);
  tl::expected<store::PaymentStore::Paid, store::Error> markPaid(const store::Payment& payment,
                                                                 const Trade& trade);
  void purgeIfUnpaid(const store::Order& order, Tally& tally, bool& silent);

  store::OrderStore& orders_;
  store::PaymentStore& payments_;
  PaymentProvider& provider_;
  const Clock& clock_;
};

}  // namespace fncard::server::payment
