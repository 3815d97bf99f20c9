// SPDX-License-Identifier: Apache-2.0
#include "server/payment/payment.h"

#include <gtest/gtest.h>

#include "net/client.h"
#include "server/sandbox/gateway.h"
#include "tests/server/support/office.h"

namespace fncard::server {
namespace {

using testing::FakeGateway;
using testing::json;
using testing::Reply;
using testing::TestOffice;

constexpr std::chrono::hours kAfterDeadline{17 * 24};

class PaymentTest : public ::testing::Test {
 protected:
  std::string state() {
    return std::string(store::name(office_.store().order(applicant_.orderId)->state));
  }
  std::size_t jobs() { return office_.store().jobs()->size(); }
  Reply begin(const json& changes = json::object()) {
    json body = {{"idempotencyKey", office_.key()},
                 {"deliveryAddress", "台北市中正區廣州街15號"},
                 {"invoice", {{"kind", "mobile"}, {"value", "/ABC1234"}}}};
    body.update(changes);
    return office_.call("POST", "/api/v1/order/payment", body, office_.signIn(applicant_));
  }
  TestOffice office_;
  TestOffice::Applicant applicant_ = office_.apply();
};

TEST_F(PaymentTest, TheFormIsEcpaysAndTheSameForTheSameKey) {
  const json key = {{"idempotencyKey", "0123456789abcdef"}};
  const Reply first = begin(key);
  ASSERT_EQ(first.status, 200) << first.body;
  const json fields = first.body["fields"];
  EXPECT_EQ(first.body["gatewayUrl"], "https://gateway.example/Cashier/AioCheckOut/V5");
  EXPECT_EQ(fields["MerchantID"], "3002607");
  EXPECT_EQ(fields["MerchantTradeNo"].get<std::string>().size(), 20U);
  EXPECT_EQ(fields["MerchantTradeDate"], "2026/01/31 20:00:00");
  EXPECT_EQ(fields["TotalAmount"], "278");
  EXPECT_EQ(fields["ReturnURL"], "http://127.0.0.1:8080/payment/notify");
  EXPECT_EQ(begin(key).body, first.body);
  EXPECT_NE(begin().body["fields"]["MerchantTradeNo"], fields["MerchantTradeNo"]);
}

TEST_F(PaymentTest, ADeliveryAddressIsOneThatAPostmanCanRead) {
  const std::string longest(100, 'a');
  for (const std::string& bad :
       {std::string("xxx"), std::string("     a     "), longest + "a",
        std::string("\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B"),
        std::string("100 Taipei \xE2\x80\xAE"), std::string("100 Taipei \xC2\x9B")}) {
    EXPECT_EQ(begin({{"deliveryAddress", bad}}).status, 400) << bad;
  }
  EXPECT_EQ(begin({{"deliveryAddress", longest}}).status, 200);
  EXPECT_EQ(begin({{"deliveryAddress", "臺北市中正區"}}).status, 200);
}

TEST_F(PaymentTest, ANotificationThatComesTwiceWithOtherWordsPaysOnce) {
  const std::string number = office_.openPayment(applicant_);
  office_.gateway.pay(number);
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "1|OK");
  office_.restart();
  EXPECT_EQ(office_.notify(FakeGateway::notification(number, 278, "1", "0", "付款成功")), "1|OK");
  EXPECT_EQ(state(), "paid");
  EXPECT_EQ(jobs(), 1U);
  EXPECT_TRUE(office_.store().refunds()->empty());
}

TEST_F(PaymentTest, ForgedTamperedSimulatedAndFailedOnesPayNothing) {
  const std::string number = office_.openPayment(applicant_);
  net::Form forged = FakeGateway::notification(number);
  forged.back().second = std::string(64, 'A');
  EXPECT_EQ(office_.notify(forged), "0|CheckMacValueError");
  EXPECT_EQ(office_.notify(FakeGateway::notification(number, 1)), "0|TradeAmtError");
  EXPECT_EQ(office_.notify(FakeGateway::notification(number, 278, "1", "1")), "1|OK");
  EXPECT_EQ(office_.notify(FakeGateway::notification(number, 278, "10100058")), "1|OK");
  EXPECT_EQ(office_.notify(FakeGateway::notification("UNKNOWN")), "0|MerchantTradeNoError");
  EXPECT_EQ(office_.notify({}), "0|CheckMacValueError");
  EXPECT_EQ(state(), "applied");
  // rightly signed, but the gateway itself does not know of it
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "0|TradeStatusError");
  EXPECT_EQ(state(), "applied");
  EXPECT_EQ(jobs(), 0U);
}

TEST_F(PaymentTest, ANotificationBeforeTheGatewayCanBeAskedIsConfirmedLater) {
  const std::string number = office_.openPayment(applicant_);
  office_.gateway.pay(number);
  office_.gateway.unreachable = true;
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "1|OK");
  EXPECT_EQ(state(), "applied");
  office_.restart();
  EXPECT_EQ(office_.payment().reconcile().undecided, 1);
  office_.gateway.unreachable = false;
  EXPECT_EQ(office_.payment().reconcile().paid, 1);
  EXPECT_EQ(state(), "paid");
}

TEST_F(PaymentTest, MoneyWithoutAWordIsFoundAtGrowingIntervals) {
  const std::string number = office_.openPayment(applicant_);
  EXPECT_EQ(office_.payment().reconcile().paid, 0);
  EXPECT_EQ(office_.gateway.asked, 0) << "the person may be typing";
  for (int minute = 0; minute < 3 * 60; ++minute) {
    office_.clock.advance(std::chrono::minutes(1));
    office_.payment().reconcile();
  }
  EXPECT_GE(office_.gateway.asked, 3);
  EXPECT_LE(office_.gateway.asked, 6);
  office_.gateway.pay(number);  // and every notification is lost
  office_.clock.advance(std::chrono::hours(7));
  EXPECT_EQ(office_.payment().reconcile().paid, 1);
  EXPECT_EQ(state(), "paid");
  office_.clock.advance(std::chrono::hours(48));
  const int asked = office_.gateway.asked;
  office_.payment().reconcile();
  EXPECT_EQ(office_.gateway.asked, asked) << "it is known";
}

TEST_F(PaymentTest, AForgottenPaymentOfAPaidOrderGoesBack) {
  const std::string first = office_.openPayment(applicant_);
  const std::string second = office_.openPayment(applicant_);
  office_.gateway.pay(first);
  office_.gateway.pay(second);
  EXPECT_EQ(office_.notify(FakeGateway::notification(second)), "1|OK");
  EXPECT_TRUE(office_.store().refunds()->empty());
  office_.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(office_.payment().reconcile().refundCases, 1);
  EXPECT_EQ(office_.store().refunds()->front().merchantTradeNo, first);
  EXPECT_EQ(jobs(), 1U);
}

TEST_F(PaymentTest, TheReturnOfTheBrowserAsksTheGateway) {
  const std::string number = office_.openPayment(applicant_);
  office_.gateway.pay(number);
  ASSERT_TRUE(office_.payment().returned({{"MerchantTradeNo", number}, {"RtnCode", "0"}}));
  EXPECT_EQ(state(), "paid");
}

TEST_F(PaymentTest, MoneyOfAnotherAmountGoesBack) {
  const std::string number = office_.openPayment(applicant_);
  office_.gateway.pay(number, 1);
  office_.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(office_.payment().reconcile().refundCases, 1);
  const auto refunds = office_.store().refunds();
  ASSERT_EQ(refunds->size(), 1U);
  EXPECT_EQ(refunds->front().reason, "wrong-amount");
  EXPECT_EQ(refunds->front().amount, 1);
  EXPECT_EQ(state(), "applied") << "the fee is still to be paid";
}

TEST_F(PaymentTest, ASilentGatewayIsNotWaitedForOrderByOrder) {
  office_.openPayment(applicant_);
  office_.openPayment(office_.apply("A900000016"));
  office_.registry.add("F800000019", registration::PermitStatus::Valid);
  const auto untouched = office_.apply("F800000019");
  office_.clock.advance(kAfterDeadline);
  office_.gateway.unreachable = true;
  EXPECT_EQ(office_.payment().reconcile().undecided, 1);
  const auto tally = office_.payment().purgeOverdue();
  EXPECT_EQ(office_.gateway.asked, 2) << "once in each round";
  EXPECT_EQ(tally.undecided, 2);
  EXPECT_EQ(tally.purged, 1) << "nobody began to pay for it";
  EXPECT_EQ(office_.store().order(untouched.orderId)->state, store::OrderState::Purged);
}

TEST_F(PaymentTest, NobodyOpensPaymentsWithoutEnd) {
  for (int i = 0; i < store::PaymentStore::kMostPayments; ++i) {
    ASSERT_EQ(begin().status, 200);
  }
  const Reply refused = begin();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), "request.too-many");
}

TEST_F(PaymentTest, ThePurgeAsksTheGatewayFirst) {
  const std::string number = office_.openPayment(applicant_);
  office_.gateway.pay(number);  // and every notification was lost
  office_.clock.advance(kAfterDeadline);
  office_.gateway.unreachable = true;
  EXPECT_EQ(office_.payment().purgeOverdue().undecided, 1);
  EXPECT_EQ(state(), "applied");
  office_.gateway.unreachable = false;
  EXPECT_EQ(office_.payment().purgeOverdue().paid, 1);
  EXPECT_EQ(state(), "paid");
}

TEST_F(PaymentTest, APurgedOrderHasNoPersonalDataAndLateMoneyGoesBack) {
  const std::string number = office_.openPayment(applicant_);
  office_.clock.advance(kAfterDeadline);
  EXPECT_EQ(office_.payment().purgeOverdue().purged, 1);
  const auto order = office_.store().order(applicant_.orderId);
  EXPECT_EQ(state(), "purged");
  EXPECT_EQ(order->permitNumber + order->applicant.name + order->phone + order->email +
                order->deliveryAddress + order->userCodeHash + order->applicant.birthDate,
            "");
  office_.gateway.pay(number);
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "1|OK");
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "1|OK");
  const auto refunds = office_.store().refunds();
  ASSERT_EQ(refunds->size(), 1U);
  EXPECT_EQ(refunds->front().reason, "order-purged");
  EXPECT_EQ(jobs(), 0U);
  EXPECT_EQ(office_.apply().permitNumber, applicant_.permitNumber) << "may apply again";
}

TEST_F(PaymentTest, NothingIsPurgedOnTheLastDayAndNothingPayableAfterIt) {
  const std::string number = office_.openPayment(applicant_);
  office_.clock.set(office_.store().order(applicant_.orderId)->deadline);
  EXPECT_EQ(office_.payment().purgeOverdue().purged, 0);
  EXPECT_EQ(begin().status, 200);
  office_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(begin().code(), "payment.deadline-passed");
  office_.gateway.pay(number);
  EXPECT_EQ(office_.notify(FakeGateway::notification(number)), "1|OK");
  EXPECT_EQ(state(), "paid") << "paid before the purge is paid";
}

TEST_F(PaymentTest, ASecondPaymentOfAnOrderGoesBack) {
  const std::string first = office_.openPayment(applicant_);
  const std::string second = office_.openPayment(applicant_);
  office_.gateway.pay(first);
  office_.gateway.pay(second);
  EXPECT_EQ(office_.notify(FakeGateway::notification(first)), "1|OK");
  EXPECT_EQ(office_.notify(FakeGateway::notification(second)), "1|OK");
  const auto refunds = office_.store().refunds();
  ASSERT_EQ(refunds->size(), 1U);
  EXPECT_EQ(refunds->front().reason, "paid-twice");
  EXPECT_EQ(jobs(), 1U);
  EXPECT_EQ(begin().code(), "payment.not-payable");
}

TEST_F(PaymentTest, AWrongInvoiceIsRefused) {
  EXPECT_EQ(begin({{"invoice", {{"kind", "company"}, {"value", "12345678"}}}}).code(),
            "payment.invoice-refused");
  EXPECT_EQ(begin({{"invoice", {{"kind", "paper"}, {"more", 1}}}}).code(),
            "request.unknown-member");
}

// The provider against the sandbox's gateway, whose CheckMacValue is written independently.
TEST(EcpayProvider, AgreesWithTheSandboxGateway) {
  const auto gateway = sandbox::startGateway({});
  ASSERT_TRUE(gateway);
  const std::string url = "http://127.0.0.1:" + std::to_string((*gateway)->port());
  const auto ecpay = payment::makeEcpay({.gatewayUrl = url,
                                         .baseUrl = "http://127.0.0.1:1",
                                         .portalUrl = "https://127.0.0.1:2",
                                         .merchantId = testing::kMerchantId,
                                         .hashKey = testing::kHashKey,
                                         .hashIv = testing::kHashIv});
  const auto form = ecpay->form({.merchantTradeNo = "T1", .at = testing::kStart, .amount = 278});
  const net::Client browser({});
  const auto page = browser.post(form.gatewayUrl, "application/x-www-form-urlencoded",
                                 net::encodeForm(form.fields));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200) << page->body;
  const auto open = ecpay->query("T1", std::chrono::system_clock::now());
  ASSERT_TRUE(open) << open.error().detail;
  EXPECT_FALSE(open->paid);
  ASSERT_TRUE(browser.post(url + "/sandbox/pay", "application/json",
                           R"({"merchantTradeNo":"T1","mode":"withhold"})"));
  const auto paid = ecpay->query("T1", std::chrono::system_clock::now());
  ASSERT_TRUE(paid) << paid.error().detail;
  EXPECT_TRUE(paid->paid);
  EXPECT_EQ(paid->amount, 278);
}

}  // namespace
}  // namespace fncard::server
