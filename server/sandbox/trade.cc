// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/trade.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace fncard::server::sandbox {
namespace {

constexpr std::size_t kMaxUrl = 200;

bool isTradeNumber(const std::string& text) {
  return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

bool isDateTime(const std::string& text) {
  static constexpr std::string_view kForm = "0000/00/00 00:00:00";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == '0' ? c >= '0' && c <= '9' : c == form;
         });
}

std::optional<int> amountOf(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 8 && text[0] != '0' &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::optional(std::stoi(text)) : std::nullopt;
}

bool isUrl(const std::string& text) {
  return text.size() <= kMaxUrl && net::Url::parse(text).has_value();
}

std::string chargeFee(const Trade& trade) {
  // 2.75 %, as the test merchant is charged
  return std::to_string((trade.amount * 275 + 9'999) / 10'000);
}

const std::vector<std::pair<std::string, PayMode>>& modes() {
  static const std::vector<std::pair<std::string, PayMode>> kModes = {
      {"normal", PayMode::Normal},     {"twice", PayMode::Twice},
      {"withhold", PayMode::Withhold}, {"forged", PayMode::Forged},
      {"tampered", PayMode::Tampered}, {"simulated", PayMode::Simulated},
      {"failed", PayMode::Failed}};
  return kModes;
}

}  // namespace

std::optional<PayMode> payModeNamed(const std::string& name) {
  const auto found = std::ranges::find(modes(), name, [](const auto& mode) { return mode.first; });
  return found == modes().end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::string>& payModeNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, mode] : modes()) {
      names.push_back(name);
    }
    return names;
  }();
  return kNames;
}

tl::expected<Trade, std::string> readCheckOut(const net::Form& fields) {
  const auto value = [&](const char* name) { return net::formValue(fields, name); };
  const auto wrong = [](const char* name) {
    return tl::unexpected(std::string(name) + " is missing or wrong");
  };
  const auto amount = amountOf(value("TotalAmount"));
  Trade trade{.merchantTradeNo = value("MerchantTradeNo"),
              .amount = amount.value_or(0),
              .itemName = value("ItemName"),
              .returnUrl = value("ReturnURL"),
              .orderResultUrl = value("OrderResultURL"),
              .clientBackUrl = value("ClientBackURL")};
  if (!isTradeNumber(trade.merchantTradeNo)) {
    return wrong("MerchantTradeNo");
  }
  if (!isDateTime(value("MerchantTradeDate"))) {
    return wrong("MerchantTradeDate");
  }
  if (value("PaymentType") != "aio") {
    return wrong("PaymentType");
  }
  if (!amount) {
    return wrong("TotalAmount");
  }
  if (value("TradeDesc").empty() || value("TradeDesc").size() > 200) {
    return wrong("TradeDesc");
  }
  if (trade.itemName.empty() || trade.itemName.size() > 400) {
    return wrong("ItemName");
  }
  if (value("ChoosePayment") != "Credit") {
    return wrong("ChoosePayment");
  }
  if (value("EncryptType") != "1") {
    return wrong("EncryptType");
  }
  if (!isUrl(trade.returnUrl)) {
    return wrong("ReturnURL");
  }
  if (!trade.orderResultUrl.empty() && !isUrl(trade.orderResultUrl)) {
    return wrong("OrderResultURL");
  }
  if (!trade.clientBackUrl.empty() && !isUrl(trade.clientBackUrl)) {
    return wrong("ClientBackURL");
  }
  return trade;
}

net::Form notificationFields(const Trade& trade, const std::string& merchantId, PayMode mode,
                             unsigned count) {
  const bool failed = mode == PayMode::Failed;
  // ECPay's repeats differ in RtnMsg, so who compares whole messages takes them for two payments
  const std::string success = count == 0 ? "交易成功" : "paid, repeat " + std::to_string(count);
  return {{"MerchantID", merchantId},
          {"MerchantTradeNo", trade.merchantTradeNo},
          {"StoreID", ""},
          {"RtnCode", failed ? "10100058" : "1"},
          {"RtnMsg", failed ? "授權失敗" : success},
          {"TradeNo", trade.tradeNo},
          {"TradeAmt", std::to_string(mode == PayMode::Tampered ? 1 : trade.amount)},
          {"PaymentDate", trade.paymentDate},
          {"PaymentType", "Credit_CreditCard"},
          {"PaymentTypeChargeFee", chargeFee(trade)},
          {"TradeDate", trade.tradeDate},
          {"SimulatePaid", mode == PayMode::Simulated ? "1" : "0"}};
}

net::Form queryFields(const Trade* trade, const std::string& merchantId,
                      const std::string& merchantTradeNo) {
  net::Form fields = {{"MerchantID", merchantId}, {"MerchantTradeNo", merchantTradeNo}};
  const auto add = [&](const char* name, std::string value) {
    fields.emplace_back(name, std::move(value));
  };
  const bool paid = trade != nullptr && trade->state == Trade::State::Paid;
  const bool failed = trade != nullptr && trade->state == Trade::State::Failed;
  add("StoreID", "");
  add("TradeNo", trade != nullptr ? trade->tradeNo : "");
  add("TradeAmt", trade != nullptr ? std::to_string(trade->amount) : "0");
  add("PaymentDate", paid ? trade->paymentDate : "");
  add("PaymentType", paid ? "Credit_CreditCard" : "");
  add("HandlingCharge", paid ? chargeFee(*trade) : "0");
  add("PaymentTypeChargeFee", paid ? chargeFee(*trade) : "0");
  add("TradeDate", trade != nullptr ? trade->tradeDate : "");
  // 10200047: no such trade; 10200095: the payment did not come about
  add("TradeStatus", trade == nullptr ? "10200047" : paid ? "1" : failed ? "10200095" : "0");
  add("ItemName", trade != nullptr ? trade->itemName : "");
  return fields;
}

std::string taipeiTime(std::chrono::system_clock::time_point when) {
  const std::time_t shifted = std::chrono::system_clock::to_time_t(when + std::chrono::hours(8));
  std::tm parts{};
  gmtime_r(&shifted, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y/%m/%d %H:%M:%S", &parts);
  return {text.data(), size};
}

}  // namespace fncard::server::sandbox
