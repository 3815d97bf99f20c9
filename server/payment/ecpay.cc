// SPDX-License-Identifier: Apache-2.0
#include "server/payment/ecpay.h"

#include <charconv>
#include <optional>

#include "net/client.h"
#include "server/base/time.h"

namespace fncard::server::payment {
namespace {

constexpr const char* kPaid = "1";

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 ? std::optional(value) : std::nullopt;
}

/// ECPay's own numbers are at most 20 letters and digits.
bool isTradeNo(const std::string& text) {
  constexpr std::size_t kLongest = 20;
  constexpr std::string_view kCharacters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= kLongest &&
         text.find_first_not_of(kCharacters) == std::string::npos;
}

class Ecpay : public PaymentProvider {
 public:
  explicit Ecpay(EcpayOptions options) : options_(std::move(options)) {}

  [[nodiscard]] PaymentForm form(const Demand& demand) const override {
    net::Form fields = {
        {"MerchantID", options_.merchantId},
        {"MerchantTradeNo", demand.merchantTradeNo},
        {"MerchantTradeDate", taipeiText(demand.at)},
        {"PaymentType", "aio"},
        {"TotalAmount", std::to_string(demand.amount)},
        {"TradeDesc", "Foreign resident certificate IC card"},
        {"ItemName", "Certificate IC card 250 TWD x 1#Registered mail 28 TWD x 1"},
        {"ReturnURL", options_.baseUrl + "/payment/notify"},
        {"OrderResultURL", options_.portalUrl + "/payment/return"},
        {"ChoosePayment", "Credit"},
        {"EncryptType", "1"},
    };
    sign(fields);
    return {.gatewayUrl = options_.gatewayUrl + "/Cashier/AioCheckOut/V5",
            .fields = std::move(fields)};
  }

  [[nodiscard]] tl::expected<Notification, ProviderError> readNotification(
      const net::Form& form) const override {
    if (const auto distrust = distrustOf(form)) {
      return tl::unexpected(ProviderError{*distrust});
    }
    const auto amount = number(net::formValue(form, "TradeAmt"));
    Notification notification{.merchantTradeNo = net::formValue(form, "MerchantTradeNo"),
                              .tradeNo = net::formValue(form, "TradeNo"),
                              .amount = amount.value_or(0),
                              .succeeded = net::formValue(form, "RtnCode") == kPaid &&
                                           net::formValue(form, "SimulatePaid") != "1"};
    if (!isTradeNo(notification.merchantTradeNo) || !isTradeNo(notification.tradeNo) || !amount) {
      return tl::unexpected(ProviderError{"FieldsError"});
    }
    return notification;
  }

  tl::expected<Trade, ProviderError> query(const std::string& merchantTradeNo, Time now) override {
    net::Form fields = {{"MerchantID", options_.merchantId},
                        {"MerchantTradeNo", merchantTradeNo},
                        {"TimeStamp", std::to_string(secondsOf(now))}};
    sign(fields);
    const auto answer = client_.post(options_.gatewayUrl + "/Cashier/QueryTradeInfo/V5",
                                     "application/x-www-form-urlencoded", net::encodeForm(fields));
    if (!answer) {
      return tl::unexpected(ProviderError{answer.error().detail});
    }
    const auto form = net::parseForm(answer->body);
    if (answer->status != 200 || !form) {
      return tl::unexpected(ProviderError{"it answered " + std::to_string(answer->status)});
    }
    if (const auto distrust = distrustOf(*form)) {
      return tl::unexpected(ProviderError{*distrust});
    }
    const auto amount = number(net::formValue(*form, "TradeAmt"));
    if (net::formValue(*form, "MerchantTradeNo") != merchantTradeNo) {
      return tl::unexpected(ProviderError{"it answered for another trade"});
    }
    Trade trade{.paid = net::formValue(*form, "TradeStatus") == kPaid,
                .tradeNo = net::formValue(*form, "TradeNo"),
                .amount = amount.value_or(0)};
    if (trade.paid && (!amount || !isTradeNo(trade.tradeNo))) {
      return tl::unexpected(ProviderError{"its answer lacks number or amount"});
    }
    return trade;
  }

 private:
  void sign(net::Form& fields) const {
    std::string value = checkMacValue(fields, options_.hashKey, options_.hashIv);
    fields.emplace_back("CheckMacValue", std::move(value));
  }

  /// Why a form is not ECPay's word to us.
  [[nodiscard]] std::optional<std::string> distrustOf(const net::Form& form) const {
    if (!hasRightCheckMacValue(form, options_.hashKey, options_.hashIv)) {
      return "CheckMacValueError";
    }
    if (net::formValue(form, "MerchantID") != options_.merchantId) {
      return "MerchantIDError";
    }
    return std::nullopt;
  }

  EcpayOptions options_;
  net::Client client_{{.atOnce = 6, .maxBodyBytes = 64UL * 1024}};
};

}  // namespace

std::unique_ptr<PaymentProvider> makeEcpay(EcpayOptions options) {
  return std::make_unique<Ecpay>(std::move(options));
}

}  // namespace fncard::server::payment
