// SPDX-License-Identifier: Apache-2.0
#include "server/pages/security.h"

#include <gmock/gmock.h>

#include "server/pages/cookies.h"
#include "server/pages/pages.h"
#include "tests/server/pages/pages_fixture.h"

namespace fncard::server::pages {
namespace {

using testing::Browser;
using ::testing::HasSubstr;
using testing::kPortalUrl;
using ::testing::Not;
using testing::PagesTest;

const std::string kFormType = "application/x-www-form-urlencoded";
const std::string kCookie(kSessionCookie);

TEST(Cookies, ACookieThatIsThereTwiceIsNone) {
  const auto of = [](const std::string& field) {
    return cookieOf({.headers = {{"cookie", field}}}, kSessionCookie);
  };
  EXPECT_EQ(of("a=b; " + kCookie + "=x ;c=d"), "x");
  EXPECT_EQ(of(kCookie + "=x; " + kCookie + "=y"), "");
  EXPECT_EQ(of("x" + kCookie + "=y"), "");
  EXPECT_EQ(of(";;=; ="), "");
}

class SecurityTest : public PagesTest {};

TEST_F(SecurityTest, EveryPageHasTheStrictHeaders) {
  for (const char* path : {"/", "/sign-in", "/order", "/activation", "/unblock", "/computer",
                           "/privacy", "/order/none", "/assets/none"}) {
    const auto response = browser_.get(path);
    EXPECT_THAT(response.headers.at("content-security-policy"),
                HasSubstr("default-src 'none'; style-src 'self'; script-src 'self'"))
        << path;
    EXPECT_THAT(response.headers.at("content-security-policy"),
                HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(response.headers.at("content-security-policy"), HasSubstr("form-action 'self';"));
    EXPECT_EQ(response.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(response.headers.at("referrer-policy"), "same-origin");
    EXPECT_EQ(response.headers.at("cross-origin-opener-policy"), "same-origin-allow-popups");
    EXPECT_EQ(response.headers.at("cache-control"), "no-store");
  }
  EXPECT_EQ(browser_.get("/assets/style.css").headers.at("content-type"),
            "text/css; charset=utf-8");
}

TEST_F(SecurityTest, TheSessionCookieIsForThisHostOverTlsAndNoScript) {
  const auto response = browser_.signIn(applicant_);
  EXPECT_EQ(response.status, 303);
  const std::string cookie = response.headers.at("set-cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-")) << cookie;
  EXPECT_THAT(cookie, HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Lax"));
  EXPECT_THAT(cookie, Not(HasSubstr("Domain")));
}

TEST_F(SecurityTest, TheSessionIsRenewedAtSignInAndEndedAtSignOut) {
  browser_.get("/sign-in");
  const std::string before = browser_.cookies.at(kCookie);
  browser_.signIn(applicant_);
  const std::string first = browser_.cookies.at(kCookie);
  EXPECT_NE(first, before) << "a cookie that somebody planted must not become a session";
  EXPECT_EQ(browser_.get("/order").status, 200);
  EXPECT_EQ(browser_.post("/sign-out", {}).status, 303);
  EXPECT_FALSE(browser_.cookies.contains(kCookie));
  browser_.cookies[kCookie] = first;
  EXPECT_EQ(browser_.get("/order").status, 401) << "the server has forgotten it too";
}

TEST_F(SecurityTest, ASessionEndsWhenItIsIdleAndAfterTwoHoursInAnyCase) {
  browser_.signIn(applicant_);
  for (int i = 0; i < 8; ++i) {
    office_.clock.advance(std::chrono::minutes(14));
    ASSERT_EQ(browser_.get("/order").status, 200) << i;
  }
  office_.clock.advance(std::chrono::minutes(14));
  EXPECT_EQ(browser_.get("/order").status, 401) << "after 126 minutes";
  browser_.signIn(applicant_);
  office_.clock.advance(std::chrono::minutes(16));
  EXPECT_EQ(browser_.get("/order").status, 401) << "idle";
}

TEST_F(SecurityTest, ForgedSessionsOpenNothing) {
  browser_.signIn(applicant_);
  const std::string good = browser_.cookies.at(kCookie);
  const std::string later = good.substr(0, good.find('.')) + ".99999999999";
  const std::string bearer = office_.signIn(applicant_);
  for (const std::string& token :
       {std::string("x"), good + "0", later, bearer, bearer + ".99999999999",
        std::string("' OR 1=1"), std::string(200, 'a') + ".99999999999", std::string("a.b")}) {
    browser_.cookies[kCookie] = token;
    const auto response = browser_.get("/order");
    EXPECT_EQ(response.status, 401) << token;
    EXPECT_THAT(response.body, HasSubstr("You are not signed in or the time is over"));
    EXPECT_THAT(response.body, Not(HasSubstr("NGUYEN")));
  }
  EXPECT_EQ(office_.call("GET", "/api/v1/order", {}, good).status, 401)
      << "nor is a browser's session the API's";
}

TEST_F(SecurityTest, AFormFromElsewhereChangesNothing) {
  browser_.signIn(applicant_);
  browser_.get("/order/payment");
  const std::string before = everything();
  auto fields = paymentFields();
  fields.emplace_back("formToken", browser_.hidden("formToken"));
  const std::string body = net::encodeForm(fields);
  const std::vector<net::Headers> wrong = {
      {{"content-type", kFormType}},
      {{"content-type", kFormType}, {"origin", "null"}},
      {{"content-type", kFormType}, {"origin", "https://evil.example"}},
      {{"content-type", kFormType}, {"origin", "http://portal.example"}},
      {{"content-type", kFormType}, {"origin", "https://portal.example:8443"}},
      {{"content-type", kFormType}, {"origin", "https://portal.example.evil.example"}}};
  for (const net::Headers& headers : wrong) {
    const auto response = browser_.postRaw("/order/payment", body, headers);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("pages.foreign-form"));
  }
  const net::Headers right = {{"content-type", kFormType}, {"origin", kPortalUrl}};
  Browser other(office_);
  other.get("/sign-in");
  for (const std::string& token : {std::string(), std::string("0"), other.hidden("formToken")}) {
    fields.back().second = token;
    const auto response = browser_.postRaw("/order/payment", net::encodeForm(fields), right);
    EXPECT_EQ(response.status, 403) << token;
    EXPECT_THAT(response.body, HasSubstr("pages.form-expired"));
  }
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(browser_.postRaw("/order/payment", body, right).status, 303);
}

TEST_F(SecurityTest, WrongMethodsAndContentTypesAreToldAndChangeNothing) {
  browser_.signIn(applicant_);
  browser_.get("/order/payment");
  const std::string before = everything();
  auto fields = paymentFields();
  fields.emplace_back("formToken", browser_.hidden("formToken"));
  const std::string body = net::encodeForm(fields);
  for (const char* type :
       {"application/json", "text/plain", "multipart/form-data; boundary=x", ""}) {
    const auto response =
        browser_.postRaw("/order/payment", body, {{"content-type", type}, {"origin", kPortalUrl}});
    EXPECT_EQ(response.status, 415) << type;
  }
  const auto get = browser_.get("/sign-out");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  EXPECT_EQ(browser_.get("/order").status, 200) << "a link signs nobody out";
  for (const char* bad : {"a=%zz", "a=1&a=2", "a=%00", "a=%ff", "a=%0d%0ax"}) {
    const auto response = browser_.postRaw("/order/payment", bad,
                                           {{"content-type", kFormType}, {"origin", kPortalUrl}});
    EXPECT_EQ(response.status, 400) << bad;
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(SecurityTest, TheLanguageLinkLeadsToOurOwnPagesAlone) {
  const auto back = [&](const std::string& to) {
    return browser_.get("/language/zh-TW?to=" + to).headers.at("location");
  };
  EXPECT_EQ(back("/order/payment"), "/order/payment");
  for (const char* to : {"https://evil.example", "//evil.example", "/%5Cevil.example", "/order//x",
                         "/api/v1/order", "", "/%0d%0aset-cookie"}) {
    EXPECT_EQ(back(to), "/") << to;
  }
  EXPECT_THAT(browser_.get("/").body, HasSubstr("<html lang=\"zh-TW\">"));
  browser_.cookies.clear();
  EXPECT_THAT(browser_.get("/", {{"accept-language", "vi"}}).body, HasSubstr("<html lang=\"vi\">"));
  browser_.cookies["__Host-fncard-language"] = "xx\"><script>";
  EXPECT_THAT(browser_.get("/", {{"accept-language", "th"}}).body, HasSubstr("<html lang=\"th\">"));
}

TEST(PlainListener, SendsBrowsersToTheSecurePortalAndTakesNoForm) {
  const auto handler = onPlainListener("https://portal.example", [](const net::Request&) {
    return net::Response::text(299, "next");
  });
  const auto page = handler({.method = "GET", .target = "/order?x=1"});
  EXPECT_EQ(page.status, 308);
  EXPECT_EQ(page.headers.at("location"), "https://portal.example/order");
  EXPECT_EQ(handler({.method = "POST", .target = "/sign-in"}).status, 403);
  for (const char* path : {"/ocsp", "/crl/1.crl", "/health", "/payment/notify", "/api/v1/order"}) {
    EXPECT_EQ(handler({.method = "GET", .target = path}).status, 299) << path;
  }
}

}  // namespace
}  // namespace fncard::server::pages
