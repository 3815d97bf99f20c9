// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "net/client.h"
#include "server/sandbox/check_value.h"

namespace fncard::server::sandbox {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFormType = "application/x-www-form-urlencoded";

// The gateway, and a shop that keeps what it is notified of.
class SandboxGateway : public ::testing::Test {
 protected:
  SandboxGateway() {
    GatewayOptions options;
    options.now = [] {
      return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    };
    gateway_ = std::move(*startGateway(options));
    shop_ = std::move(*net::Server::start({}, [this](const net::Request& request) {
      const std::lock_guard guard(mutex_);
      notifications_.push_back(*net::parseForm(request.body));
      return net::Response::text(200, "1|OK");
    }));
  }

  [[nodiscard]] std::string at(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(gateway_->port()) + path;
  }
  [[nodiscard]] std::string shopAt(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(shop_->port()) + path;
  }
  std::vector<net::Form> notifications() {
    const std::lock_guard guard(mutex_);
    return notifications_;
  }

  [[nodiscard]] net::Form checkOutFields(const std::string& number = "FN1") const {
    return {{"MerchantID", "3002607"},
            {"MerchantTradeNo", number},
            {"MerchantTradeDate", "2026/11/23 15:30:23"},
            {"PaymentType", "aio"},
            {"TotalAmount", "278"},
            {"TradeDesc", "card"},
            {"ItemName", "card <one> & \"only\""},
            {"ReturnURL", shopAt("/notify")},
            {"ChoosePayment", "Credit"},
            {"EncryptType", "1"}};
  }
  static std::string sealed(net::Form fields) {
    fields.emplace_back("CheckMacValue",
                        checkValue(fields, GatewayOptions{}.hashKey, GatewayOptions{}.hashIv));
    return net::encodeForm(fields);
  }
  static bool isGenuine(const net::Form& fields) {
    return net::formValue(fields, "CheckMacValue") ==
           checkValue(fields, GatewayOptions{}.hashKey, GatewayOptions{}.hashIv);
  }
  [[nodiscard]] net::Response checkOut(const net::Form& fields) const {
    return *client_.post(at("/Cashier/AioCheckOut/V5"), kFormType, sealed(fields));
  }
  [[nodiscard]] net::Response checkOutWith(const std::string& name,
                                           const std::string& value) const {
    net::Form fields = checkOutFields();
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    fields.emplace_back(name, value);
    return checkOut(fields);
  }
  [[nodiscard]] net::Response call(const std::string& path, const json& body) const {
    return *client_.send(at(path), {.method = "POST",
                                    .headers = {{"accept", "application/json"},
                                                {"content-type", "application/json"}},
                                    .body = body.dump()});
  }
  [[nodiscard]] net::Response pay(const std::string& mode) const {
    return call("/sandbox/pay", {{"merchantTradeNo", "FN1"}, {"mode", mode}});
  }
  [[nodiscard]] net::Response ask(const std::string& number,
                                  const std::string& timeStamp = "1700000000") const {
    return *client_.post(
        at("/Cashier/QueryTradeInfo/V5"), kFormType,
        sealed({{"MerchantID", "3002607"}, {"MerchantTradeNo", number}, {"TimeStamp", timeStamp}}));
  }
  [[nodiscard]] std::string status(const std::string& number = "FN1") const {
    const net::Form answer = *net::parseForm(ask(number).body);
    EXPECT_TRUE(isGenuine(answer));
    return net::formValue(answer, "TradeStatus");
  }

  std::mutex mutex_;
  std::vector<net::Form> notifications_;
  std::unique_ptr<net::Server> shop_;
  std::unique_ptr<net::Server> gateway_;
  net::Client client_{{}};
};

TEST_F(SandboxGateway, ARightFormOpensAPayPageThatEscapesWhatItShows) {
  const auto page = checkOut(checkOutFields());
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("action=\"/sandbox/pay\""));
  EXPECT_THAT(page.body, HasSubstr("value=\"FN1\""));
  EXPECT_THAT(page.body, HasSubstr("<strong>278</strong>"));
  EXPECT_THAT(page.body, HasSubstr("card &lt;one&gt; &amp; &quot;only&quot;"));
  EXPECT_EQ(status(), "0");
}

TEST_F(SandboxGateway, AFormThatEcpayWouldRefuseIsRefused) {
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"MerchantID", "1"},
           {"MerchantTradeNo", ""},
           {"MerchantTradeNo", "FN-1"},
           {"MerchantTradeNo", "123456789012345678901"},
           {"MerchantTradeDate", "2026-11-23 15:30:23"},
           {"PaymentType", "credit"},
           {"TotalAmount", "0"},
           {"TotalAmount", "278.5"},
           {"TradeDesc", ""},
           {"ItemName", ""},
           {"ItemName", std::string(401, 'x')},
           {"ReturnURL", "not a url"},
           {"OrderResultURL", "ftp://x"},
           {"ChoosePayment", "Cash"},
           {"EncryptType", "0"}}) {
    EXPECT_EQ(checkOutWith(name, value).status, 400) << name << "=" << value;
  }
  auto unsealed = checkOutFields();
  unsealed.emplace_back("CheckMacValue", std::string(64, '0'));
  const auto answer =
      client_.post(at("/Cashier/AioCheckOut/V5"), kFormType, net::encodeForm(unsealed));
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("CheckMacValue"));
  EXPECT_EQ(status(), "10200047");
}

TEST_F(SandboxGateway, ATradeNumberIsNeverTakenTwice) {
  EXPECT_EQ(checkOut(checkOutFields()).status, 200);
  EXPECT_EQ(checkOut(checkOutFields()).status, 400);
}

TEST_F(SandboxGateway, ANormalPaymentNotifiesOnceWithEcpaysFields) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  const auto report = pay("normal");
  EXPECT_EQ(json::parse(report.body),
            json({{"notified", true}, {"answer", "1|OK"}, {"answers", {"1|OK"}}}));
  ASSERT_EQ(notifications().size(), 1U);
  const net::Form sent = notifications().at(0);
  EXPECT_TRUE(isGenuine(sent));
  const auto value = [&](const char* name) { return net::formValue(sent, name); };
  EXPECT_EQ(value("MerchantID"), "3002607");
  EXPECT_EQ(value("MerchantTradeNo"), "FN1");
  EXPECT_EQ(value("RtnCode"), "1");
  EXPECT_EQ(value("TradeAmt"), "278");
  EXPECT_EQ(value("SimulatePaid"), "0");
  EXPECT_EQ(value("PaymentType"), "Credit_CreditCard");
  EXPECT_EQ(value("PaymentTypeChargeFee"), "8");
  // 1,700,000,000 s is 22:13:20 UTC on 14 November 2023
  EXPECT_EQ(value("PaymentDate"), "2023/11/15 06:13:20");
  EXPECT_EQ(value("TradeNo"), "2311150613200001");
  EXPECT_EQ(status(), "1");
  EXPECT_EQ(pay("normal").status, 409);
  EXPECT_EQ(notifications().size(), 1U);
}

TEST_F(SandboxGateway, TwiceNotifiesTwiceAndOnlyTheMessageDiffers) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  ASSERT_EQ(pay("twice").status, 200);
  ASSERT_EQ(notifications().size(), 2U);
  const net::Form first = notifications().at(0);
  const net::Form second = notifications().at(1);
  EXPECT_TRUE(isGenuine(first) && isGenuine(second));
  for (const auto& [name, value] : first) {
    const bool mayDiffer = name == "RtnMsg" || name == "CheckMacValue";
    EXPECT_EQ(net::formValue(second, name) != value, mayDiffer) << name;
  }
}

TEST_F(SandboxGateway, AWithheldNotificationComesWhenAskedForAndAgainWhenAskedAgain) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  EXPECT_EQ(json::parse(pay("withhold").body),
            json({{"notified", false}, {"answer", nullptr}, {"answers", json::array()}}));
  EXPECT_TRUE(notifications().empty());
  EXPECT_EQ(status(), "1");
  EXPECT_EQ(call("/sandbox/notify", {{"merchantTradeNo", "FN1"}}).status, 200);
  EXPECT_EQ(call("/sandbox/notify", {{"merchantTradeNo", "FN1"}}).status, 200);
  ASSERT_EQ(notifications().size(), 2U);
  EXPECT_TRUE(isGenuine(notifications().at(0)) && isGenuine(notifications().at(1)));
  EXPECT_NE(net::formValue(notifications().at(0), "RtnMsg"),
            net::formValue(notifications().at(1), "RtnMsg"));
}

TEST_F(SandboxGateway, ForgedTamperedAndSimulatedNotificationsLeaveTheTradeUnpaid) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  for (const char* mode : {"forged", "tampered", "simulated"}) {
    EXPECT_EQ(pay(mode).status, 200);
    EXPECT_EQ(status(), "0") << mode;
  }
  ASSERT_EQ(notifications().size(), 3U);
  EXPECT_FALSE(isGenuine(notifications().at(0)));
  EXPECT_EQ(net::formValue(notifications().at(0), "RtnCode"), "1");
  EXPECT_TRUE(isGenuine(notifications().at(1)));
  EXPECT_EQ(net::formValue(notifications().at(1), "TradeAmt"), "1");
  EXPECT_TRUE(isGenuine(notifications().at(2)));
  EXPECT_EQ(net::formValue(notifications().at(2), "SimulatePaid"), "1");
  EXPECT_EQ(call("/sandbox/notify", {{"merchantTradeNo", "FN1"}}).status, 409);
}

TEST_F(SandboxGateway, AFailedPaymentIsSaidAndCanBeTriedAgain) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  EXPECT_EQ(pay("failed").status, 200);
  EXPECT_EQ(net::formValue(notifications().at(0), "RtnCode"), "10100058");
  EXPECT_EQ(status(), "10200095");
  EXPECT_EQ(pay("normal").status, 200);
  EXPECT_EQ(status(), "1");
}

TEST_F(SandboxGateway, AShopThatIsNotThereIsReportedAndTheMoneyIsTaken) {
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  shop_.reset();
  EXPECT_EQ(json::parse(pay("normal").body).at("notified"), false);
  EXPECT_EQ(status(), "1");
  const json trades = json::parse(client_.get(at("/sandbox/trades"))->body);
  ASSERT_EQ(trades.size(), 1U);
  EXPECT_EQ(trades.at(0).at("state"), "paid");
  EXPECT_EQ(trades.at(0).at("notifications").at(0).at("answer"), nullptr);
}

TEST_F(SandboxGateway, TheBrowserPostsTheSignedResultToTheShop) {
  net::Form fields = checkOutFields();
  fields.emplace_back("OrderResultURL", shopAt("/return"));
  ASSERT_EQ(checkOut(fields).status, 200);
  const auto page = client_.post(at("/sandbox/pay"), kFormType, "merchantTradeNo=FN1&mode=normal");
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("action=\"" + shopAt("/return") + "\""));
  EXPECT_THAT(page->body, HasSubstr("name=\"CheckMacValue\""));
  EXPECT_EQ(notifications().size(), 1U);
}

TEST_F(SandboxGateway, TheBrowserComesBackWhereItWasToldTo) {
  net::Form fields = checkOutFields();
  fields.emplace_back("ClientBackURL", shopAt("/back"));
  ASSERT_EQ(checkOut(fields).status, 200);
  const auto answer = client_.post(at("/sandbox/pay"), kFormType, "merchantTradeNo=FN1");
  EXPECT_EQ(answer->status, 303);
  EXPECT_EQ(answer->headers.at("location"), shopAt("/back"));
}

TEST_F(SandboxGateway, AQueryMustBeSignedAndFresh) {
  EXPECT_EQ(ask("FN1", "1700000180").status, 200);
  EXPECT_EQ(ask("FN1", "1700000181").status, 400);
  EXPECT_EQ(ask("FN1", "1699999819").status, 400);
  EXPECT_EQ(ask("FN1", "").status, 400);
  EXPECT_EQ(ask("FN1", "99999999999").status, 400);
  EXPECT_EQ(client_
                .post(at("/Cashier/QueryTradeInfo/V5"), kFormType,
                      "MerchantID=3002607&MerchantTradeNo=FN1&TimeStamp=1700000000")
                ->status,
            400);
}

TEST_F(SandboxGateway, WhatIsNotThereOrNotUnderstoodIsRefused) {
  EXPECT_EQ(pay("normal").status, 404);
  EXPECT_EQ(call("/sandbox/notify", {{"merchantTradeNo", "FN1"}}).status, 404);
  EXPECT_EQ(call("/sandbox/notify", json::array()).status, 404);
  ASSERT_EQ(checkOut(checkOutFields()).status, 200);
  EXPECT_EQ(pay("generous").status, 400);
  EXPECT_EQ(status(), "0");
}

}  // namespace
}  // namespace fncard::server::sandbox
