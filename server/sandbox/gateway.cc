// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/gateway.h"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "net/client.h"
#include "server/sandbox/check_value.h"
#include "server/sandbox/gateway_pages.h"
#include "server/sandbox/trade.h"

namespace fncard::server::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTrades = 100'000;
constexpr std::chrono::seconds kTimeStampLife{180};  // ECPay's: three minutes
// a notification waits for the shop, and the shop may query the gateway before it answers
constexpr unsigned kHandlers = 8;

bool wantsJson(const net::Request& request) {
  return request.header("accept").find("application/json") != std::string::npos;
}

net::Response refused(const net::Request& request, int status, const std::string& sentence) {
  return wantsJson(request) ? net::Response::json(status, json{{"error", sentence}}.dump() + "\n")
                            : net::Response::html(status, sentencePage(sentence));
}

net::Response redirect(const std::string& url) {
  net::Response response = net::Response::text(303, "");
  response.headers["location"] = url;
  return response;
}

/// merchantTradeNo and mode, from a form or from JSON.
net::Form readOrder(const net::Request& request) {
  if (!request.header("content-type").starts_with("application/json")) {
    return net::parseForm(request.body).value_or(net::Form{});
  }
  const json body = json::parse(request.body, nullptr, false);
  net::Form form;
  if (body.is_object()) {
    for (const auto& [name, value] : body.items()) {
      if (value.is_string()) {
        form.emplace_back(name, value.get<std::string>());
      }
    }
  }
  return form;
}

const char* nameOf(Trade::State state) {
  switch (state) {
    case Trade::State::Open:
      return "open";
    case Trade::State::Paid:
      return "paid";
    case Trade::State::Failed:
      break;
  }
  return "failed";
}

json orNull(const std::optional<std::string>& text) {
  return text ? json(*text) : json(nullptr);
}

class Gateway {
 public:
  explicit Gateway(GatewayOptions options)
      : options_(std::move(options)),
        client_({.maxBodyBytes = 64 * 1024, .trustFile = options_.trustFile}) {}

  net::Response checkOut(const net::Request& request);
  net::Response query(const net::Request& request);
  net::Response pay(const net::Request& request);
  net::Response notifyAgain(const net::Request& request);
  net::Response trades();

 private:
  void sign(net::Form& fields) const {
    fields.emplace_back("CheckMacValue", checkValue(fields, options_.hashKey, options_.hashIv));
  }
  /// The fields, or why they are not the merchant's.
  [[nodiscard]] tl::expected<net::Form, std::string> readSigned(const std::string& body) const;
  [[nodiscard]] bool isFresh(const std::string& timeStamp) const;
  /// The notifications that the mode calls for, of a trade held under the lock.
  std::vector<net::Form> prepare(Trade& trade, PayMode mode);
  std::vector<Delivery> deliver(const Trade& trade, const std::vector<net::Form>& notifications);
  [[nodiscard]] net::Response toBrowser(const Trade& trade, PayMode mode) const;
  static net::Response deliveryReport(const std::vector<Delivery>& deliveries);

  GatewayOptions options_;
  net::Client client_;
  std::mutex mutex_;
  std::map<std::string, Trade> trades_;
  unsigned counter_ = 0;
};

tl::expected<net::Form, std::string> Gateway::readSigned(const std::string& body) const {
  auto fields = net::parseForm(body);
  if (!fields) {
    return tl::unexpected(std::string("the form cannot be read"));
  }
  if (net::formValue(*fields, "MerchantID") != options_.merchantId) {
    return tl::unexpected(std::string("MerchantID is missing or wrong"));
  }
  if (net::formValue(*fields, "CheckMacValue") !=
      checkValue(*fields, options_.hashKey, options_.hashIv)) {
    return tl::unexpected(std::string("10200073 CheckMacValue Error"));
  }
  return std::move(*fields);
}

bool Gateway::isFresh(const std::string& timeStamp) const {
  if (timeStamp.empty() || timeStamp.size() > 11 ||
      timeStamp.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  const std::chrono::system_clock::time_point at{std::chrono::seconds(std::stoll(timeStamp))};
  return std::chrono::abs(options_.now() - at) <= kTimeStampLife;
}

net::Response Gateway::checkOut(const net::Request& request) {
  const auto fields = readSigned(request.body);
  if (!fields) {
    return refused(request, 400, fields.error());
  }
  auto trade = readCheckOut(*fields);
  if (!trade) {
    return refused(request, 400, trade.error());
  }
  const std::lock_guard guard(mutex_);
  if (trades_.contains(trade->merchantTradeNo)) {
    return refused(request, 400, "MerchantTradeNo was used before");
  }
  if (trades_.size() >= kMaxTrades) {
    return refused(request, 503, "the sandbox is full; start it anew");
  }
  trade->tradeDate = taipeiTime(options_.now());
  // as ECPay's: the time without its punctuation and century, and a number of four digits
  std::string digits = trade->tradeDate.substr(2);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  const std::string number = std::to_string(10'000 + ++counter_ % 10'000);
  trade->tradeNo = digits + number.substr(1);
  const std::string page = payPage(*trade);
  trades_.emplace(trade->merchantTradeNo, std::move(*trade));
  return net::Response::html(200, page);
}

net::Response Gateway::query(const net::Request& request) {
  const auto fields = readSigned(request.body);
  if (!fields) {
    return net::Response::text(400, "0|" + fields.error());
  }
  if (!isFresh(net::formValue(*fields, "TimeStamp"))) {
    return net::Response::text(400, "0|TimeStamp is missing or more than three minutes off");
  }
  const std::string number = net::formValue(*fields, "MerchantTradeNo");
  const std::lock_guard guard(mutex_);
  const auto found = trades_.find(number);
  net::Form answer =
      queryFields(found == trades_.end() ? nullptr : &found->second, options_.merchantId, number);
  sign(answer);
  return net::Response::text(200, net::encodeForm(answer));
}

std::vector<net::Form> Gateway::prepare(Trade& trade, PayMode mode) {
  const unsigned times = mode == PayMode::Withhold ? 0 : mode == PayMode::Twice ? 2 : 1;
  std::vector<net::Form> notifications;
  for (unsigned i = 0; i < times; ++i) {
    net::Form fields = notificationFields(trade, options_.merchantId, mode, trade.notified++);
    if (mode == PayMode::Forged) {
      fields.emplace_back("CheckMacValue", checkValue(fields, "forged", options_.hashIv));
    } else {
      sign(fields);
    }
    notifications.push_back(std::move(fields));
  }
  return notifications;
}

std::vector<Delivery> Gateway::deliver(const Trade& trade,
                                       const std::vector<net::Form>& notifications) {
  std::vector<Delivery> deliveries;
  for (const net::Form& fields : notifications) {
    const auto answer =
        client_.post(trade.returnUrl, "application/x-www-form-urlencoded", net::encodeForm(fields));
    deliveries.push_back(
        {net::formValue(fields, "RtnMsg"), answer ? std::optional(answer->body) : std::nullopt});
  }
  const std::lock_guard guard(mutex_);
  auto& kept = trades_.at(trade.merchantTradeNo).deliveries;
  kept.insert(kept.end(), deliveries.begin(), deliveries.end());
  return deliveries;
}

net::Response Gateway::deliveryReport(const std::vector<Delivery>& deliveries) {
  json answers = json::array();
  for (const Delivery& delivery : deliveries) {
    answers.push_back(orNull(delivery.answer));
  }
  const json last = answers.empty() ? json(nullptr) : answers.back();
  return net::Response::json(
      200, json{{"notified", !last.is_null()}, {"answer", last}, {"answers", answers}}.dump(
               -1, ' ', false, json::error_handler_t::replace) +
               "\n");
}

net::Response Gateway::toBrowser(const Trade& trade, PayMode mode) const {
  if (!trade.orderResultUrl.empty()) {
    net::Form fields = notificationFields(trade, options_.merchantId, mode, 0);
    sign(fields);
    return net::Response::html(200, resultPage(trade.orderResultUrl, fields));
  }
  return trade.clientBackUrl.empty()
             ? net::Response::html(200, sentencePage("Done. You can close this page."))
             : redirect(trade.clientBackUrl);
}

net::Response Gateway::pay(const net::Request& request) {
  const net::Form order = readOrder(request);
  const std::string modeName = net::formValue(order, "mode");
  const auto mode = payModeNamed(modeName.empty() ? "normal" : modeName);
  if (!mode) {
    return refused(request, 400, "there is no such mode");
  }
  Trade trade;
  std::vector<net::Form> notifications;
  {
    const std::lock_guard guard(mutex_);
    const auto found = trades_.find(net::formValue(order, "merchantTradeNo"));
    if (found == trades_.end()) {
      return refused(request, 404, "there is no such trade");
    }
    if (found->second.state == Trade::State::Paid) {
      return refused(request, 409, "the trade is paid already");
    }
    const bool paid =
        *mode == PayMode::Normal || *mode == PayMode::Twice || *mode == PayMode::Withhold;
    if (paid) {
      found->second.state = Trade::State::Paid;
    } else if (*mode == PayMode::Failed) {
      found->second.state = Trade::State::Failed;
    }
    found->second.paymentDate = taipeiTime(options_.now());
    notifications = prepare(found->second, *mode);
    trade = found->second;
  }
  const auto deliveries = deliver(trade, notifications);
  return wantsJson(request) ? deliveryReport(deliveries) : toBrowser(trade, *mode);
}

net::Response Gateway::notifyAgain(const net::Request& request) {
  Trade trade;
  std::vector<net::Form> notifications;
  {
    const std::lock_guard guard(mutex_);
    const auto found = trades_.find(net::formValue(readOrder(request), "merchantTradeNo"));
    if (found == trades_.end()) {
      return refused(request, 404, "there is no such trade");
    }
    if (found->second.state != Trade::State::Paid) {
      return refused(request, 409, "the trade is not paid");
    }
    notifications = prepare(found->second, PayMode::Normal);
    trade = found->second;
  }
  return deliveryReport(deliver(trade, notifications));
}

net::Response Gateway::trades() {
  json list = json::array();
  const std::lock_guard guard(mutex_);
  for (const auto& [number, trade] : trades_) {
    json deliveries = json::array();
    for (const Delivery& delivery : trade.deliveries) {
      deliveries.push_back({{"message", delivery.message}, {"answer", orNull(delivery.answer)}});
    }
    list.push_back({{"merchantTradeNo", number},
                    {"tradeNo", trade.tradeNo},
                    {"amount", trade.amount},
                    {"state", nameOf(trade.state)},
                    {"notifications", deliveries}});
  }
  return net::Response::json(200, list.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

net::Result<std::unique_ptr<net::Server>> startGateway(GatewayOptions options) {
  const std::uint16_t port = options.port;
  auto gateway = std::make_shared<Gateway>(std::move(options));
  net::Router router;
  const auto add = [&](const char* method, const char* path,
                       net::Response (Gateway::*call)(const net::Request&)) {
    router.add(method, path,
               [gateway, call](const net::Request& request, const net::Router::Parameters&) {
                 return (gateway.get()->*call)(request);
               });
  };
  add("POST", "/Cashier/AioCheckOut/V5", &Gateway::checkOut);
  add("POST", "/Cashier/QueryTradeInfo/V5", &Gateway::query);
  add("POST", "/sandbox/pay", &Gateway::pay);
  add("POST", "/sandbox/notify", &Gateway::notifyAgain);
  router.add(
      "GET", "/sandbox/trades",
      [gateway](const net::Request&, const net::Router::Parameters&) { return gateway->trades(); });
  return net::Server::start(
      {.port = port, .handlers = kHandlers, .limits = {.bodyBytes = 64 * 1024}},
      [router = std::move(router)](const net::Request& request) { return router.route(request); });
}

}  // namespace fncard::server::sandbox
