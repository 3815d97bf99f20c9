// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "net/http.h"
#include "server/base/clock.h"

/// The payment gateway behind an interface. No card number ever reaches this system.
namespace fncard::server::payment {

/// What the browser posts to the gateway's own page.
struct PaymentForm {
  std::string gatewayUrl;
  net::Form fields;
};

struct Demand {
  std::string merchantTradeNo;
  Time at{};
  int amount = 0;  ///< NT$
};

/// What a notification says, once it is known to come from the gateway.
struct Notification {
  std::string merchantTradeNo;
  std::string tradeNo;
  int amount = 0;
  bool succeeded = false;  ///< paid, and not a simulation
};

/// What the gateway knows of a trade.
struct Trade {
  bool paid = false;
  std::string tradeNo;
  int amount = 0;
};

struct ProviderError {
  std::string detail;
};

class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;
  [[nodiscard]] virtual PaymentForm form(const Demand& demand) const = 0;
  /// An error: it does not come from the gateway, or is not for us.
  [[nodiscard]] virtual tl::expected<Notification, ProviderError> readNotification(
      const net::Form& form) const = 0;
  /// An error: the gateway does not answer, or its answer is not to be believed.
  virtual tl::expected<Trade, ProviderError> query(const std::string& merchantTradeNo,
                                                   Time now) = 0;
};

}  // namespace fncard::server::payment
