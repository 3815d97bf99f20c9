// SPDX-License-Identifier: Apache-2.0
#include "server/operation/operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "messages/messages.h"

namespace fncard::server::operation {
namespace {

using ::testing::HasSubstr;

net::Response served(const net::Request& /*request*/) {
  return net::Response::text(200, "served");
}

net::Request request(const std::string& method, const std::string& target,
                     net::Headers headers = {}) {
  return {.method = method,
          .target = target,
          .headers = std::move(headers),
          .peerAddress = "127.0.0.1"};
}

std::string codeOf(const net::Response& response) {
  return nlohmann::json::parse(response.body)["error"]["code"];
}

class OperationTest : public ::testing::Test {
 protected:
  Operation& operation(RateLimits limits = {}) {
    operation_.emplace(
        limits, [this] { return ready_; }, [this] { return time_; });
    return *operation_;
  }
  std::optional<Operation> operation_;
  bool ready_ = true;
  std::chrono::steady_clock::time_point time_;
};

TEST_F(OperationTest, IsReadyWhenTheServerIsAndUntilItDrains) {
  const auto handler = operation().around(served, Listener::Plain);
  EXPECT_EQ(handler(request("GET", "/ready")).status, 200);
  ready_ = false;
  const auto busy = handler(request("GET", "/ready"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(codeOf(busy), "request.not-ready");
  ready_ = true;
  operation_->drain();
  EXPECT_EQ(handler(request("GET", "/ready")).status, 503);
  EXPECT_EQ(handler(request("GET", "/health")).status, 200);
  EXPECT_EQ(handler(request("GET", "/other")).body, "served");
}

TEST_F(OperationTest, ShowsItsMetricsOnAListenerOfTheirOwnAlone) {
  const auto metrics = operation().metricsHandler();
  EXPECT_THAT(metrics(request("GET", "/metrics")).headers.at("content-type"),
              HasSubstr("version=0.0.4"));
  EXPECT_EQ(metrics(request("GET", "/order")).status, 404);
  EXPECT_EQ(metrics(request("POST", "/metrics")).status, 404);
  for (const Listener listener : {Listener::Plain, Listener::Tls}) {
    EXPECT_EQ(operation_->around(served, listener)(request("GET", "/metrics")).body, "served");
  }
}

TEST_F(OperationTest, EveryAnswerHasItsSafetyHeaders) {
  auto& running = operation();
  const auto plain = running.around(served, Listener::Plain)(request("GET", "/x"));
  EXPECT_EQ(plain.headers.at("x-content-type-options"), "nosniff");
  EXPECT_FALSE(plain.headers.contains("strict-transport-security"));
  const auto tls = running.around(served, Listener::Tls);
  EXPECT_EQ(tls(request("GET", "/x", {{"host", "portal.example:8443"}}))
                .headers.at("strict-transport-security"),
            "max-age=31536000");
  for (const char* host :
       {"localhost", "localhost:8443", "a.localhost:1", "127.0.0.1:8443", "[::1]:8443"}) {
    EXPECT_FALSE(
        tls(request("GET", "/x", {{"host", host}})).headers.contains("strict-transport-security"))
        << host;
  }
}

TEST_F(OperationTest, WritesAndCountsWhatTheListenerRefuses) {
  const auto refuse = operation().refusals(Listener::Tls);
  for (const auto& [status, code] : std::map<int, std::string>{{400, "request.malformed"},
                                                               {408, "request.timeout"},
                                                               {413, "request.too-large"},
                                                               {431, "request.header-too-large"},
                                                               {500, "request.server-failed"},
                                                               {501, "request.not-implemented"},
                                                               {503, "request.try-again"}}) {
    for (const messages::Language language : messages::languages()) {
      const auto answer =
          refuse(request("POST", "/x", {{"accept-language", std::string(messages::tag(language))}}),
                 status);
      EXPECT_EQ(answer.status, status);
      EXPECT_EQ(codeOf(answer), code);
      EXPECT_EQ(nlohmann::json::parse(answer.body)["error"]["message"],
                messages::text(language, code));
      EXPECT_TRUE(messages::has(language, code)) << code << messages::tag(language);
      EXPECT_EQ(answer.headers.contains("retry-after"), status == 503);
    }
  }
  EXPECT_THAT(operation_->metrics().text(),
              HasSubstr("fncard_refused_requests_total{status=\"413\"} 5"));
}

TEST_F(OperationTest, LimitsCallsWithAUserCodeByClient) {
  const auto handler = operation({.secrets = 2}).around(served, Listener::Tls);
  const auto signIn = [&](const std::string& address) {
    net::Request call = request("POST", "/api/v1/session");
    call.peerAddress = address;
    return handler(call);
  };
  EXPECT_EQ(signIn("203.0.113.7").status, 200);
  EXPECT_EQ(handler(request("POST", "/api/v1/activations?x=1")).status, 200);
  EXPECT_EQ(signIn("203.0.113.7").status, 200);
  const auto over = signIn("203.0.113.7");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(codeOf(over), "request.too-many");
  EXPECT_EQ(over.headers.at("retry-after"), "30");
  EXPECT_EQ(signIn("203.0.113.8").status, 200);
  EXPECT_THAT(operation_->metrics().text(),
              HasSubstr("fncard_rate_limited_total{limit=\"secrets\"} 1"));
}

TEST_F(OperationTest, ACertificateThatMayBeWithdrawnGuessesNoUserCodes) {
  const auto handler = operation({.secrets = 1}).around(served, Listener::Tls);
  net::Request call = request("POST", "/api/v1/session");
  call.peerCertificate.emplace();
  EXPECT_EQ(handler(call).status, 200);
  EXPECT_EQ(handler(call).status, 429);
}

TEST_F(OperationTest, LimitsOtherWritesButNotReadsNorOcspNorTheGatewayNorOfficers) {
  const auto handler = operation({.writes = 1}).around(served, Listener::Tls);
  EXPECT_EQ(handler(request("POST", "/api/v1/order/payment")).status, 200);
  EXPECT_EQ(handler(request("POST", "/api/v1/order/payment")).status, 429);
  EXPECT_EQ(handler(request("DELETE", "/anything")).status, 429);
  EXPECT_EQ(handler(request("GET", "/api/v1/order")).status, 200);
  EXPECT_EQ(handler(request("POST", "/ocsp")).status, 200);
  EXPECT_EQ(handler(request("POST", "/payment/notify")).status, 200);
  net::Request officer = request("POST", "/api/v1/registrations");
  officer.peerCertificate.emplace();
  EXPECT_EQ(handler(officer).status, 200);
}

TEST_F(OperationTest, KnowsTheClientBehindAProxyByTheProxysWordAlone) {
  const auto direct = operation({.writes = 1}).around(served, Listener::Plain);
  EXPECT_EQ(direct(request("POST", "/x", {{"x-forwarded-for", "203.0.113.1"}})).status, 200);
  EXPECT_EQ(direct(request("POST", "/x", {{"x-forwarded-for", "203.0.113.2"}})).status, 429);
  const auto proxied =
      operation({.writes = 1, .behindProxy = true}).around(served, Listener::Plain);
  EXPECT_EQ(proxied(request("POST", "/x", {{"x-forwarded-for", "203.0.113.1"}})).status, 200);
  EXPECT_EQ(proxied(request("POST", "/x", {{"x-forwarded-for", "9.9.9.9, 203.0.113.1"}})).status,
            429);
  EXPECT_EQ(proxied(request("POST", "/x", {{"x-forwarded-for", "203.0.113.2"}})).status, 200);
}

}  // namespace
}  // namespace fncard::server::operation
