// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"

namespace fncard::server::sandbox {

/// What the person at the pay page, or a test, makes the gateway do.
enum class PayMode { Normal, Twice, Withhold, Forged, Tampered, Simulated, Failed };
std::optional<PayMode> payModeNamed(const std::string& name);
const std::vector<std::string>& payModeNames();

/// What became of one notification.
struct Delivery {
  std::string message;                ///< RtnMsg
  std::optional<std::string> answer;  ///< the body of the answer; nothing when there was none
};

struct Trade {
  enum class State { Open, Paid, Failed };
  std::string merchantTradeNo;
  std::string tradeNo;  ///< the gateway's own
  int amount = 0;       ///< TWD
  std::string itemName;
  std::string tradeDate;       ///< Asia/Taipei, "yyyy/MM/dd HH:mm:ss", when the page was opened
  std::string paymentDate;     ///< likewise; empty while open
  std::string returnUrl;       ///< notifications go here
  std::string orderResultUrl;  ///< the browser posts the result here; may be empty
  std::string clientBackUrl;   ///< or comes back here; may be empty
  State state = State::Open;
  unsigned notified = 0;  ///< notifications sent or tried
  std::vector<Delivery> deliveries;
};

/// A trade of the posted fields, or the sentence with which the gateway refuses them. The check
/// value and MerchantID were looked at already.
tl::expected<Trade, std::string> readCheckOut(const net::Form& fields);

/// The fields of a notification, not yet signed.
net::Form notificationFields(const Trade& trade, const std::string& merchantId, PayMode mode,
                             unsigned count);
/// The fields of the answer to QueryTradeInfo, not yet signed; trade may be nothing: unknown.
net::Form queryFields(const Trade* trade, const std::string& merchantId,
                      const std::string& merchantTradeNo);

/// "yyyy/MM/dd HH:mm:ss" in Asia/Taipei, which has had no summer time since 1979.
std::string taipeiTime(std::chrono::system_clock::time_point when);

}  // namespace fncard::server::sandbox
