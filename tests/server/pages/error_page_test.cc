// SPDX-License-Identifier: Apache-2.0
#include "server/pages/error_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/call.h"
#include "server/pages/cookies.h"
#include "server/pages/site.h"

namespace fncard::server::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

net::Request asked(const std::string& target, net::Headers headers) {
  return {.method = "GET", .target = target, .headers = std::move(headers)};
}

net::Response refusal(const net::Request& request, int status, const std::string& code) {
  return api::errorResponse(request, {.status = status,
                                      .code = code,
                                      .parameters = {{"seconds", "7"}},
                                      .retryAfter = std::chrono::seconds(7)});
}

TEST(ErrorPage, EveryRefusalIsAPageInThePersonsLanguage) {
  for (const auto& [status, code] : std::map<int, std::string>{{400, "request.malformed"},
                                                               {404, "request.not-found"},
                                                               {408, "request.timeout"},
                                                               {413, "request.too-large"},
                                                               {429, "request.too-many"},
                                                               {500, "request.server-failed"}}) {
    for (const messages::Language language : messages::languages()) {
      const std::string tag(messages::tag(language));
      const auto request = asked("/order", {{"accept", kBrowser}, {"accept-language", tag}});
      const auto page = forPeople(request, refusal(request, status, code));
      EXPECT_EQ(page.status, status);
      EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
      EXPECT_EQ(page.headers.at("content-language"), tag);
      EXPECT_EQ(page.headers.at("retry-after"), "7");
      EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
      EXPECT_THAT(page.body, StartsWith("<!doctype html>\n<html lang=\"" + tag + "\">"));
      EXPECT_THAT(page.body, HasSubstr(messages::text(language, code, {{"seconds", "7"}})));
      EXPECT_THAT(page.body, HasSubstr("<code>" + code + "</code>"));
    }
  }
}

TEST(ErrorPage, SpeaksTheLanguageThatThePersonChose) {
  const auto request = asked("/x", {{"accept", kBrowser},
                                    {"accept-language", "en"},
                                    {"cookie", std::string(kLanguageCookie) + "=th"}});
  EXPECT_THAT(forPeople(request, refusal(request, 405, "request.method-not-allowed")).body,
              HasSubstr(messages::text(messages::Language::Thai, "pages.method-not-allowed")));
}

TEST(ErrorPage, ProgramsAndCallsOfTheApiGetJson) {
  for (const auto& request :
       {asked("/nothing", {}), asked("/nothing", {{"accept", "*/*"}}),
        asked("/api/v1/nothing", {{"accept", kBrowser}}), net::Request{.method = "GET"}}) {
    const auto answer = forPeople(request, refusal(request, 404, "request.not-found"));
    EXPECT_EQ(answer.headers.at("content-type"), "application/json") << request.target;
    EXPECT_THAT(answer.body, HasSubstr("\"code\":\"request.not-found\""));
  }
}

TEST(ErrorPage, LeavesAloneWhatIsNoErrorOfOurs) {
  const auto request = asked("/ready", {{"accept", kBrowser}});
  EXPECT_EQ(forPeople(request, api::json(200, {{"status", "ok"}})).body, R"({"status":"ok"})");
  EXPECT_EQ(forPeople(request, net::Response::text(403, "no")).body, "no");
  EXPECT_EQ(forPeople(request, net::Response::json(400, "[1]")).body, "[1]");
}

}  // namespace
}  // namespace fncard::server::pages
