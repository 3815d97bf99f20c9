// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "server/base/clock.h"
#include "server/base/time.h"
#include "server/payment/ecpay.h"
#include "server/registration/registry.h"

/// Stand-ins for what comes into the server from outside.
namespace fncard::server::testing {

/// 2026-01-31T12:00:00Z, a Saturday evening in Taipei.
inline constexpr Time kStart =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12);

class ManualClock : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  void set(Time now) { now_ = now; }
  void advance(std::chrono::seconds time) { now_ += time; }

 private:
  Time now_ = kStart;
};

class FakeRegistry : public registration::Registry {
 public:
  tl::expected<registration::PermitRecord, registration::RegistryError> look(
      const std::string& permitNumber) override {
    ++asked;
    if (unreachable) {
      return tl::unexpected(registration::RegistryError{"unreachable"});
    }
    if (permitNumber == odd) {
      return tl::unexpected(registration::RegistryError{"a birth date that is none", true});
    }
    const auto found = records.find(permitNumber);
    return found == records.end() ? registration::PermitRecord{} : found->second;
  }
  void add(const std::string& permitNumber, registration::PermitStatus status,
           const std::string& birthDate = "1990-05-17") {
    records[permitNumber] = {status, "NGUYEN THI HOA", birthDate};
  }
  std::map<std::string, registration::PermitRecord> records;
  std::string odd;  ///< a permit number whose record cannot be read
  bool unreachable = false;
  int asked = 0;
};

inline constexpr const char* kMerchantId = "3002607";
inline constexpr const char* kHashKey = "pwFHCqoQZGmho4w6";
inline constexpr const char* kHashIv = "EkRm7iFT261dpevs";

/// ECPay's forms and notifications as they are, and its answers to queries from a table.
class FakeGateway : public payment::PaymentProvider {
 public:
  [[nodiscard]] payment::PaymentForm form(const payment::Demand& demand) const override {
    return ecpay_->form(demand);
  }
  [[nodiscard]] tl::expected<payment::Notification, payment::ProviderError> readNotification(
      const net::Form& form) const override {
    return ecpay_->readNotification(form);
  }
  tl::expected<payment::Trade, payment::ProviderError> query(const std::string& merchantTradeNo,
                                                             Time /*now*/) override {
    ++asked;
    if (unreachable) {
      return tl::unexpected(payment::ProviderError{"unreachable"});
    }
    const auto found = trades.find(merchantTradeNo);
    return found == trades.end() ? payment::Trade{} : found->second;
  }
  void pay(const std::string& merchantTradeNo, int amount = 278) {
    trades[merchantTradeNo] = {
        .paid = true, .tradeNo = "G" + merchantTradeNo.substr(1), .amount = amount};
  }
  /// As the gateway would notify of it.
  static net::Form notification(const std::string& merchantTradeNo, int amount = 278,
                                const std::string& returnCode = "1",
                                const std::string& simulated = "0",
                                const std::string& message = "交易成功") {
    net::Form form = {{"MerchantID", kMerchantId},
                      {"MerchantTradeNo", merchantTradeNo},
                      {"RtnCode", returnCode},
                      {"RtnMsg", message},
                      {"TradeNo", "G" + merchantTradeNo.substr(1)},
                      {"TradeAmt", std::to_string(amount)},
                      {"PaymentType", "Credit_CreditCard"},
                      {"SimulatePaid", simulated}};
    form.emplace_back("CheckMacValue", payment::checkMacValue(form, kHashKey, kHashIv));
    return form;
  }

  std::map<std::string, payment::Trade> trades;
  bool unreachable = false;
  int asked = 0;

 private:
  std::unique_ptr<payment::PaymentProvider> ecpay_ =
      payment::makeEcpay({.gatewayUrl = "https://gateway.example",
                          .baseUrl = "http://127.0.0.1:8080",
                          .portalUrl = "https://portal.example",
                          .merchantId = kMerchantId,
                          .hashKey = kHashKey,
                          .hashIv = kHashIv});
};

}  // namespace fncard::server::testing
