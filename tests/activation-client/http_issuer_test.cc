// SPDX-License-Identifier: Apache-2.0
#include "activation-client/issuer/http_issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "net/server.h"

namespace fncard::activation_client {
namespace {

using card::activation::Application;
using card::activation::TransactionState;
using nlohmann::json;

card::SecretBytes secret(std::string text) {
  return card::SecretBytes::take(std::span(text));
}

const std::string kNonce = net::encodeBase64(Bytes(32, 7));

// A server that answers one thing and remembers what it was asked.
class HttpIssuerTest : public testing::Test {
 protected:
  HttpIssuerTest() {
    server_ = std::move(*net::Server::start({.handlers = 1}, [this](const net::Request& request) {
      asked_ = request;
      return answer_;
    }));
    issuer_.emplace(url(), net::ClientOptions{}, messages::Language::Vietnamese);
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }

  void answer(int status, const json& body) { answer_ = net::Response::json(status, body.dump()); }

  auto begin() {
    Application application{"A800000014", secret("K7PQ2M")};
    return issuer_->begin(application, "AB12345678901234");
  }

  net::Request asked_;
  net::Response answer_;
  std::unique_ptr<net::Server> server_;
  std::optional<HttpIssuer> issuer_;
};

TEST_F(HttpIssuerTest, BeginsWithWhatThePersonHolds) {
  answer(
      200,
      {{"transaction", "t-1"}, {"nonce", kNonce}, {"state", "begun"}, {"birthDate", "1990-02-03"}});
  const auto begun = begin();
  ASSERT_TRUE(begun.has_value()) << begun.error().code;
  EXPECT_EQ(begun->transaction, "t-1");
  EXPECT_EQ(begun->nonce, Bytes(32, 7));
  EXPECT_EQ(begun->state, TransactionState::Begun);
  EXPECT_EQ(begun->birthDate, "1990-02-03");

  EXPECT_EQ(asked_.method, "POST");
  EXPECT_EQ(asked_.target, "/api/v1/activations");
  EXPECT_EQ(asked_.header("accept-language"), "vi");
  EXPECT_EQ(asked_.header("content-type"), "application/json");
  const json body = json::parse(asked_.body);
  EXPECT_THAT(body["idempotencyKey"].get<std::string>(),
              testing::MatchesRegex("[A-Za-z0-9-]{16,64}"));
  EXPECT_EQ(body["permitNumber"], "A800000014");
  EXPECT_EQ(body["userCode"], "K7PQ2M");
  EXPECT_EQ(body["cardNumber"], "AB12345678901234");
  EXPECT_EQ(body.size(), 4U) << "unknown members are refused by the server";
}

TEST_F(HttpIssuerTest, TakesABirthDateThatIsNotKnown) {
  answer(200,
         {{"transaction", "t"}, {"nonce", kNonce}, {"state", "released"}, {"birthDate", nullptr}});
  EXPECT_EQ(begin()->birthDate, "");
  EXPECT_EQ(begin()->state, TransactionState::Released);
}

TEST_F(HttpIssuerTest, RefusesAnAnswerThatIsNotOfTheApi) {
  const json good = {{"transaction", "t"}, {"nonce", kNonce}, {"state", "begun"}};
  for (const auto& [member, value] :
       std::vector<std::pair<const char*, json>>{{"transaction", "../x"},
                                                 {"transaction", ""},
                                                 {"transaction", std::string(65, 'a')},
                                                 {"transaction", 1},
                                                 {"nonce", net::encodeBase64(Bytes(31, 7))},
                                                 {"nonce", "??"},
                                                 {"state", "good"},
                                                 {"state", nullptr}}) {
    json body = good;
    body[member] = value;
    answer(200, body);
    const auto begun = begin();
    ASSERT_FALSE(begun.has_value()) << body;
    EXPECT_EQ(begun.error().code, "net.malformed");
  }
  for (const char* text : {"", "[]", "{", "null", "<html>"}) {
    answer_ = net::Response::html(200, text);
    EXPECT_EQ(begin().error().code, "net.malformed") << text;
  }
}

TEST_F(HttpIssuerTest, GivesTheServersCodeAndSentence) {
  answer(403,
         {{"error",
           {{"code", "activation.refused"}, {"message", "Sai."}, {"parameters", json::object()}}}});
  const auto begun = begin();
  ASSERT_FALSE(begun.has_value());
  EXPECT_EQ(begun.error().code, "activation.refused");
  EXPECT_EQ(begun.error().message, "Sai.");
  EXPECT_FALSE(begun.error().transient);
}

TEST_F(HttpIssuerTest, CallsBusyAndLockedTransient) {
  for (const int status : {429, 500, 503}) {
    answer_ = net::Response::text(status, "no JSON");
    const auto begun = begin();
    ASSERT_FALSE(begun.has_value());
    EXPECT_TRUE(begun.error().transient) << status;
    EXPECT_EQ(begun.error().code, "http-" + std::to_string(status));
  }
  answer_ = net::Response::text(302, "");
  EXPECT_FALSE(begin().error().transient) << "a redirect is not followed";
}

TEST_F(HttpIssuerTest, SaysWhatTheNetworkDid) {
  server_->stop();
  const auto begun = begin();
  ASSERT_FALSE(begun.has_value());
  EXPECT_EQ(begun.error().code, "net.refused");
  EXPECT_TRUE(begun.error().transient);
}

TEST_F(HttpIssuerTest, ReleasesTheTransportPinForASignature) {
  answer(200, {{"transportPin", "73915482"}});
  const auto pin = issuer_->release("t-1", Bytes{1, 2, 3});
  ASSERT_TRUE(pin.has_value());
  std::string expected = "73915482";
  EXPECT_TRUE(*pin == *card::Pin::take(std::span(expected)));
  EXPECT_EQ(asked_.target, "/api/v1/activations/t-1/proof");
  EXPECT_EQ(json::parse(asked_.body), (json{{"signature", "AQID"}}));
}

TEST_F(HttpIssuerTest, RefusesATransportPinThatIsNone) {
  for (const json& value : {json("1234"), json(12345678), json(nullptr), json("12345678 ")}) {
    answer(200, {{"transportPin", value}});
    EXPECT_EQ(issuer_->release("t-1", {}).error().code, "net.malformed") << value;
  }
}

TEST_F(HttpIssuerTest, CommitsTheReceipt) {
  answer(200, {{"state", "active"}});
  EXPECT_TRUE(issuer_->commit("t-1", Bytes{1}, Bytes{2}).has_value());
  EXPECT_EQ(asked_.target, "/api/v1/activations/t-1/receipt");
  EXPECT_EQ(json::parse(asked_.body), (json{{"receipt", "AQ=="}, {"signature", "Ag=="}}));
  answer(200, {{"state", "released"}});
  EXPECT_FALSE(issuer_->commit("t-1", Bytes{1}, Bytes{2}).has_value());
}

TEST_F(HttpIssuerTest, AsksForTheStateAndReportsTampering) {
  answer(200, {{"state", "refused"}});
  EXPECT_EQ(issuer_->state("t-1"), TransactionState::Refused);
  EXPECT_EQ(asked_.method + asked_.target, "GET/api/v1/activations/t-1");
  answer_ = net::Response::noContent();
  EXPECT_TRUE(issuer_->reportTamper("t-1", "AB12345678901234").has_value());
  EXPECT_EQ(asked_.target, "/api/v1/activations/t-1/tamper");
  EXPECT_EQ(json::parse(asked_.body), (json{{"cardNumber", "AB12345678901234"}}));
}

TEST_F(HttpIssuerTest, UnblocksByCallsOfItsOwn) {
  HttpUnblockingIssuer issuer(url(), {}, messages::Language::Thai);
  answer(200, {{"transaction", "t-1"}, {"nonce", kNonce}, {"state", "done"}});
  EXPECT_EQ(issuer.begin({"A800000014", secret("K7PQ2M")}, "AB12345678901234")->state,
            TransactionState::Done);
  EXPECT_EQ(asked_.target, "/api/v1/unblockings");
  answer(200, {{"puk", "59301746"}, {"nextPuk", "20864153"}, {"attempt", 3}});
  const auto puks = issuer.release("t-1", Bytes{1, 2, 3});
  ASSERT_TRUE(puks.has_value()) << puks.error().code;
  const auto digits = [](const card::Puk& puk) {
    return std::string(puk.bytes().begin(), puk.bytes().end());
  };
  EXPECT_EQ(digits(puks->current), "59301746");
  EXPECT_EQ(digits(puks->next), "20864153");
  EXPECT_EQ(puks->attempt, 3U);
  EXPECT_EQ(asked_.target, "/api/v1/unblockings/t-1/proof");
  answer(200, {{"state", "done"}});
  EXPECT_TRUE(issuer.commit("t-1", Bytes{1}, Bytes{2}).has_value());
  EXPECT_EQ(issuer.state("t-1"), TransactionState::Done);
  answer_ = net::Response::noContent();
  EXPECT_TRUE(issuer.reportRefused("t-1", "AB12345678901234").has_value());
  EXPECT_EQ(asked_.target, "/api/v1/unblockings/t-1/refused");
}

TEST_F(HttpIssuerTest, RefusesPuksThatAreNone) {
  HttpUnblockingIssuer issuer(url(), {}, messages::Language::English);
  const json good = {{"puk", "59301746"}, {"nextPuk", "20864153"}, {"attempt", 1}};
  for (const auto& [member, value] :
       std::vector<std::pair<const char*, json>>{{"puk", "1234567"},
                                                 {"puk", nullptr},
                                                 {"nextPuk", "208641530"},
                                                 {"nextPuk", 20864153},
                                                 {"attempt", 0},
                                                 {"attempt", -1},
                                                 {"attempt", "1"},
                                                 {"attempt", 4294967296}}) {
    json body = good;
    body[member] = value;
    answer(200, body);
    EXPECT_EQ(issuer.release("t-1", {}).error().code, "net.malformed") << body;
  }
}

TEST_F(HttpIssuerTest, ReadsThePublishedStatus) {
  answer(200, {{"status", "on-hold"}, {"since", "2026-01-31T12:00:00Z"}});
  EXPECT_EQ(issuer_->certificateStatus("0A1B"), PublishedStatus::OnHold);
  EXPECT_EQ(asked_.target, "/api/v1/certificates/0A1B/status");
  answer(200, {{"status", "fine"}});
  EXPECT_EQ(issuer_->certificateStatus("0A1B").error().code, "net.malformed");
}

}  // namespace
}  // namespace fncard::activation_client
