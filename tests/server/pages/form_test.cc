// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "messages/messages.h"
#include "tests/server/pages/pages_fixture.h"

namespace fncard::server::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PagesTest;

class FormTest : public PagesTest {
 protected:
  net::Response signInWith(const std::string& permitNumber, const std::string& userCode) {
    browser_.get("/sign-in");
    return browser_.post("/sign-in", {{"permitNumber", permitNumber}, {"userCode", userCode}});
  }
  /// The payment form with one field changed.
  net::Response payWith(const std::string& name, const std::string& value) {
    browser_.get("/order/payment");
    net::Form fields = paymentFields();
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    fields.emplace_back(name, value);
    return browser_.post("/order/payment", fields);
  }
  static std::string english(const std::string& code) {
    return messages::text(messages::Language::English, code);
  }
};

TEST_F(FormTest, AWrongPermitNumberIsToldBesideItsFieldAndKept) {
  const auto digit = signInWith("a8000-00015", applicant_.userCode);
  EXPECT_EQ(digit.status, 422);
  EXPECT_THAT(digit.body, HasSubstr("value=\"A800000015\""));
  EXPECT_THAT(digit.body,
              HasSubstr("id=\"permitNumber-error\">" + english("registration.permit-check-digit")));
  EXPECT_THAT(digit.body, HasSubstr("href=\"#permitNumber\">Permit number (UI No.): A character"));
  EXPECT_THAT(digit.body, HasSubstr("<title>Error: Sign in"));
  EXPECT_THAT(digit.body, Not(HasSubstr(applicant_.userCode))) << "a code is not shown again";
  // full-width letters and digits, Cyrillic А, a superscript
  for (const char* alike :
       {"Ａ８０００００００１４", "А800000014", "A80000001⁴", "A800000014\xc2\xa0"}) {
    const auto response = signInWith(alike, applicant_.userCode);
    EXPECT_EQ(response.status, 422) << alike;
    EXPECT_THAT(response.body, HasSubstr(english("registration.permit-format"))) << alike;
  }
}

TEST_F(FormTest, SignInTakesWhatAPersonTypes) {
  std::string typed = applicant_.userCode.substr(0, 4) + " - " + applicant_.userCode.substr(4);
  for (char& c : typed) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  EXPECT_EQ(signInWith(" a800 000 014 ", typed).status, 303);
}

TEST_F(FormTest, WrongCodesWarnAndLockOnThePageToo) {
  for (const char* code : {"session.refused", "session.refused", "session.refused-warning",
                           "session.refused-warning"}) {
    const auto response = signInWith("A800000014", "AAAAAAAA");
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr(english(code)));
  }
  const auto locked = signInWith("A800000014", "AAAAAAAA");
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.headers.at("retry-after"), "300");
  EXPECT_EQ(signInWith(applicant_.permitNumber, applicant_.userCode).status, 429);
}

TEST_F(FormTest, HostileTextsAreTextsAndNothingElse) {
  const std::string hostile =
      "\"><script>alert(1)</script>'); DROP TABLE orders; --{{text.pages.name}}";
  for (const auto& [permitNumber, code] : {std::pair{hostile, std::string("AAAAAAAA")},
                                           std::pair{std::string("A800000014"), hostile}}) {
    const auto response = signInWith(permitNumber, code);
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(response.body, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(response.body, Not(HasSubstr("<SCRIPT>ALERT")));
  }
  browser_.signIn(applicant_);
  for (const char* field : {"invoice", "invoice-mobile", "addressConfirmed", "key"}) {
    const auto response = payWith(field, hostile);
    EXPECT_GE(response.status, 400) << field;
    EXPECT_LT(response.status, 500) << field;
    EXPECT_THAT(response.body, Not(HasSubstr("<script>alert"))) << field;
  }
  EXPECT_EQ(everything(), "applied  0");
  EXPECT_EQ(payWith("deliveryAddress", hostile).status, 303) << "an address may be odd";
  const auto order = browser_.get("/order");
  EXPECT_THAT(order.body, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(order.body, HasSubstr("{{text.pages.name}}")) << "it is no template either";
}

TEST_F(FormTest, EachEInvoiceChoiceIsCheckedAndToldBesideItsField) {
  browser_.signIn(applicant_);
  const std::vector<std::tuple<std::string, std::string, bool>> cases = {
      {"mobile", "/ABC1234", true},
      {"mobile", "ABC12345", false},
      {"mobile", "/abc1234", false},
      {"citizen", "AB12345678901234", true},
      {"citizen", "AB1234567890123", false},
      {"donation", "123", true},
      {"donation", "12", false},
      {"donation", "12345678", false},
      {"company", "22099131", true},
      {"company", "04595257", true},
      {"company", "12345678", false},
      {"company", "00000000", false}};
  for (const auto& [kind, value, good] : cases) {
    browser_.get("/order/payment");
    net::Form fields = paymentFields();
    fields[3].second = kind;
    fields[4] = {"invoice-" + kind, value};
    const auto response = browser_.post("/order/payment", fields);
    EXPECT_EQ(response.status, good ? 303 : 422) << kind << " " << value;
    if (!good) {
      EXPECT_THAT(response.body, HasSubstr("id=\"invoice-" + kind + "-error\">" +
                                           english("pages.invoice-refused-" + kind)));
    }
  }
  EXPECT_EQ(payWith("invoice", "paper").status, 303)
      << "what another choice's field says is ignored";
  EXPECT_EQ(payWith("invoice", "").status, 422);
}

TEST_F(FormTest, TheAddressIsNeededAndConfirmed) {
  browser_.signIn(applicant_);
  EXPECT_THAT(payWith("deliveryAddress", "").body, HasSubstr(english("pages.entry-missing")));
  EXPECT_EQ(payWith("deliveryAddress", "臺北").status, 422);
  EXPECT_EQ(payWith("deliveryAddress", std::string(101, 'x')).status, 422);
  EXPECT_THAT(payWith("addressConfirmed", "").body,
              HasSubstr(english("pages.address-not-confirmed")));
  EXPECT_EQ(everything(), "applied  0");
}

TEST_F(FormTest, TheSameFormSentTwiceIsOnePayment) {
  browser_.signIn(applicant_);
  browser_.get("/order/payment");
  const net::Form fields = paymentFields();
  const auto first = browser_.post("/order/payment", fields);
  const auto second = browser_.post("/order/payment", fields);
  EXPECT_EQ(first.headers.at("location"), second.headers.at("location"));
  EXPECT_EQ(office_.store().paymentsOf(applicant_.orderId)->size(), 1U);
}

}  // namespace
}  // namespace fncard::server::pages
