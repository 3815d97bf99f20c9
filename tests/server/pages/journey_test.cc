// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "messages/messages.h"
#include "tests/server/pages/pages_fixture.h"

namespace fncard::server::pages {
namespace {

using server::testing::FakeGateway;
using server::testing::SoftwareCard;
using testing::Browser;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PagesTest;

class PortalTest : public PagesTest {
 protected:
  std::string openPayment() {
    browser_.get("/order/payment");
    const auto response = browser_.post("/order/payment", paymentFields());
    const std::string location = response.headers.at("location");
    EXPECT_EQ(browser_.get(location).status, 200);
    return location.substr(location.find('=') + 1);
  }
};

TEST_F(PortalTest, FromSignInToReceipt) {
  EXPECT_EQ(browser_.signIn(applicant_).headers.at("location"), "/order");
  const auto order = browser_.get("/order");
  EXPECT_THAT(order.body, HasSubstr("NGUYEN THI HOA"));
  EXPECT_THAT(order.body, HasSubstr("2026-02-15, end of the day (days left: 15)"));
  EXPECT_THAT(order.body, HasSubstr("NT$278 = NT$250 for the card + NT$28"));
  EXPECT_THAT(order.body,
              HasSubstr("<time datetime=\"2026-01-31T12:00:00Z\">2026-01-31 20:00</time>"));

  const std::string trade = openPayment();
  EXPECT_THAT(browser_.page(),
              HasSubstr("action=\"https://gateway.example/Cashier/AioCheckOut/V5\""));
  EXPECT_EQ(browser_.hidden("MerchantTradeNo"), trade);
  EXPECT_EQ(browser_.hidden("TotalAmount"), "278");
  EXPECT_EQ(browser_.hidden("OrderResultURL"), "https://portal.example/payment/return");
  EXPECT_EQ(browser_.get("/order/receipt").status, 303) << "no receipt before the money";

  office_.gateway.pay(trade);
  EXPECT_EQ(office_.notify(FakeGateway::notification(trade)), "1|OK");
  const auto receipt = browser_.get("/order/receipt");
  EXPECT_EQ(receipt.status, 200);
  EXPECT_THAT(receipt.body, HasSubstr(trade));
  EXPECT_THAT(receipt.body, HasSubstr("/ABC1234"));
  EXPECT_THAT(browser_.get("/order").body, HasSubstr("Your card is being made"));
  EXPECT_EQ(browser_.get("/order/payment").headers.at("location"), "/order");
}

TEST_F(PortalTest, TheGatewayPageLetsItsFormGoToTheGatewayAlone) {
  browser_.signIn(applicant_);
  browser_.get("/order/payment");
  const std::string location =
      browser_.post("/order/payment", paymentFields()).headers.at("location");
  EXPECT_THAT(browser_.get(location).headers.at("content-security-policy"),
              HasSubstr("form-action 'self' https://gateway.example:443;"));
}

TEST_F(PortalTest, TheReturnOnlyShowsAndAsksTheServer) {
  browser_.signIn(applicant_);
  const std::string trade = openPayment();
  const auto back = [&] {
    return office_.send({.method = "POST",
                         .target = "/payment/return",
                         .headers = {{"content-type", "application/x-www-form-urlencoded"},
                                     {"origin", "https://gateway.example"}},
                         .body = "RtnCode=1&MerchantTradeNo=" + trade});
  };
  EXPECT_THAT(back().body, HasSubstr("has not been confirmed yet"));
  EXPECT_FALSE(back().headers.contains("set-cookie"))
      << "the browser sends no cookie from there, and must not lose the one it has";
  EXPECT_EQ(state(applicant_), "applied") << "the browser's word is no money";
  office_.gateway.pay(trade);
  office_.notify(FakeGateway::notification(trade));
  EXPECT_THAT(back().body, HasSubstr("The fee is paid"));
  EXPECT_THAT(back().body, Not(HasSubstr("NGUYEN"))) << "who comes back is not signed in";
}

TEST_F(PortalTest, AnotherAccountsTradeIsNotThere) {
  browser_.signIn(applicant_);
  const std::string trade = openPayment();
  const auto other = office_.apply("A900000016");
  Browser stranger(office_);
  stranger.signIn(other);
  for (const std::string& number : {trade, std::string("NOSUCHTRADE"), std::string()}) {
    const auto response = stranger.get("/order/payment/gateway?trade=" + number);
    EXPECT_EQ(response.status, 404) << number;
    EXPECT_THAT(response.body, Not(HasSubstr("廣州街")));
  }
  EXPECT_EQ(stranger.get("/order/receipt").status, 303);
}

TEST_F(PortalTest, AfterTheDeadlineNothingIsPaid) {
  browser_.signIn(applicant_);
  const std::string trade = openPayment();
  office_.clock.advance(std::chrono::hours(24 * 16));
  browser_.signIn(applicant_);
  EXPECT_THAT(browser_.get("/order").body, HasSubstr("The time to pay is over"));
  EXPECT_EQ(browser_.get("/order/payment").status, 303);
  EXPECT_EQ(browser_.get("/order/payment/gateway?trade=" + trade).status, 409);
}

TEST_F(PortalTest, TheHolderSuspendsAndResumesTheCard) {
  const SoftwareCard card;
  const auto mailed = office_.mailedCard(card, "A900000016");
  browser_.signIn(mailed.applicant);
  EXPECT_THAT(browser_.get("/order").body, HasSubstr(mailed.cardNumber));
  EXPECT_EQ(browser_.get("/order/suspension").status, 303) << "not active yet";
  const auto begun = office_.call("POST", "/api/v1/activations",
                                  {{"idempotencyKey", office_.key()},
                                   {"permitNumber", mailed.applicant.permitNumber},
                                   {"userCode", mailed.applicant.userCode},
                                   {"cardNumber", mailed.cardNumber}});
  const std::string transaction = begun.body.value("transaction", "");
  office_.call("POST", "/api/v1/activations/" + transaction + "/proof",
               {{"signature", server::testing::base64(card.sign(
                                  2, server::testing::proofFor(begun.body, mailed.cardNumber)))}});
  const std::string receipt = server::testing::receiptFor(begun.body, mailed.certificates);
  office_.call("POST", "/api/v1/activations/" + transaction + "/receipt",
               {{"receipt", server::testing::base64(receipt)},
                {"signature", server::testing::base64(card.sign(0, receipt))}});
  ASSERT_EQ(state(mailed.applicant), "activated");

  const auto send = [&](const std::string& what, const std::string& number) {
    browser_.get("/order/suspension");
    return browser_
        .post("/order/suspension",
              {{"what", what}, {"userCode", mailed.applicant.userCode}, {"cardNumber", number}})
        .status;
  };
  EXPECT_EQ(send("suspend", "AA00000000000000"), 403);
  EXPECT_EQ(send("suspend", "no card"), 422);
  EXPECT_EQ(send("burn", mailed.cardNumber), 400);
  EXPECT_EQ(state(mailed.applicant), "activated");
  const auto status = [&] {
    const auto certificates = office_.store().certificatesOfCard(mailed.cardNumber);
    return office_.call("GET", "/api/v1/certificates/" + certificates->front().serial + "/status")
        .body.value("status", "");
  };
  EXPECT_EQ(send("suspend", mailed.cardNumber), 303);
  EXPECT_EQ(state(mailed.applicant), "suspended");
  EXPECT_EQ(status(), "on-hold");
  EXPECT_EQ(send("suspend", mailed.cardNumber), 303) << "the same again";
  EXPECT_EQ(send("resume", mailed.cardNumber), 303);
  EXPECT_EQ(state(mailed.applicant), "activated");
  EXPECT_EQ(status(), "good");
}

TEST_F(PortalTest, EveryPageIsThereInEveryLanguageWithoutABareCode) {
  browser_.signIn(applicant_);
  for (const messages::Language language : messages::languages()) {
    const std::string tag(messages::tag(language));
    browser_.get("/language/" + tag);
    for (const char* path :
         {"/", "/order", "/order/payment", "/activation", "/unblock", "/computer", "/privacy"}) {
      const auto response = browser_.get(path);
      EXPECT_EQ(response.status, 200) << path;
      EXPECT_EQ(response.headers.at("content-language"), tag);
      for (const char* code : {">pages.", ">registration.", ">payment.", "\"pages."}) {
        EXPECT_THAT(response.body, Not(HasSubstr(code))) << tag << path;
      }
      EXPECT_THAT(response.body, Not(HasSubstr("{{"))) << tag << path;
    }
  }
}

TEST_F(PortalTest, TheApiBesideThePagesIsUntouched) {
  EXPECT_EQ(office_.call("GET", "/api/v1/certificates/AB/status").body["status"], "unknown");
  EXPECT_EQ(office_.call("GET", "/nothing").code(), "request.not-found");
}

}  // namespace
}  // namespace fncard::server::pages
