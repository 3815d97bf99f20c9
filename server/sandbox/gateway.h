// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/server.h"

namespace fncard::server::sandbox {

struct GatewayOptions {
  std::uint16_t port = 0;  ///< on 127.0.0.1; 0: any free one
  // ECPay's published test merchant
  std::string merchantId = "3002607";
  std::string hashKey = "pwFHCqoQZGmho4w6";
  std::string hashIv = "EkRm7iFT261dpevs";
  std::string trustFile;  ///< PEM of the CAs behind https notification addresses; empty: system's
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

/// The stand-in for ECPay AIO: /Cashier/AioCheckOut/V5, /Cashier/QueryTradeInfo/V5, and under
/// /sandbox what makes it pay, notify, forge and withhold. README.md has the calls.
net::Result<std::unique_ptr<net::Server>> startGateway(GatewayOptions options);

}  // namespace fncard::server::sandbox
