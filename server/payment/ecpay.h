// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "server/payment/provider.h"

/// ECPay All-in-One.
namespace fncard::server::payment {

struct EcpayOptions {
  std::string gatewayUrl;  ///< "https://payment-stage.ecpay.com.tw"
  std::string baseUrl;     ///< ours, for ReturnURL: what the gateway calls
  std::string portalUrl;   ///< ours, for OrderResultURL: where the browser goes back to
  std::string merchantId;
  std::string hashKey;
  std::string hashIv;
};

/// The CheckMacValue of a form (one that it has is left out): sorted by key without regard to case,
/// between HashKey and HashIV, encoded as .NET does, lower case, SHA-256, upper-case hexadecimal.
std::string checkMacValue(const net::Form& form, const std::string& hashKey,
                          const std::string& hashIv);
/// Whether the form has the right one, once.
bool hasRightCheckMacValue(const net::Form& form, const std::string& hashKey,
                           const std::string& hashIv);

std::unique_ptr<PaymentProvider> makeEcpay(EcpayOptions options);

}  // namespace fncard::server::payment
