// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "messages/messages.h"
#include "net/base64.h"
#include "server/base/time.h"
#include "tests/server/support/office.h"
#include "tests/trust/openssl_authority.h"

/// POST /api/v1/verify: what a relying party is told.
namespace fncard::server {
namespace {

using testing::base64;
using testing::json;
using testing::Reply;
using testing::SoftwareCard;
using testing::TestOffice;

constexpr const char* kQuestions[] = {"chain", "time",           "status",
                                      "class", "assuranceLevel", "keyUsage"};
const std::string kContent = "I hereby agree.";

class VerifyTest : public ::testing::Test {
 protected:
  Reply verify(const json& body) { return office_.call("POST", "/api/v1/verify", body); }
  [[nodiscard]] std::string certificate(const char* name = "signature") const {
    return mailed_.certificates[name];
  }
  [[nodiscard]] store::Bytes der(const char* name = "signature") const {
    return *net::decodeBase64(certificate(name));
  }
  /// "status trust.on-hold": each question whose answer is no.
  static std::string noes(const json& verdict) {
    std::string text;
    for (const char* const question : kQuestions) {
      EXPECT_TRUE(verdict.contains(question)) << verdict;
      const json answer = verdict.value(question, json::object());
      if (!answer.value("good", false)) {
        text += (text.empty() ? "" : ", ") + std::string(question) + " " +
                answer.value("code", std::string());
      }
    }
    const bool isSigned = !verdict.contains("signature") || verdict["signature"]["good"] == true;
    EXPECT_EQ(verdict["good"], text.empty() && isSigned);
    return text;
  }
  std::string noesOf(const json& body) {
    const Reply reply = verify(body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return noes(reply.body);
  }

  TestOffice office_;
  SoftwareCard card_;
  TestOffice::Mailed mailed_ = office_.mailedCard(card_);
};

TEST_F(VerifyTest, ACertificateIsOnHoldUntilItsCardIsActivated) {
  const Reply held = verify({{"certificate", certificate()}});
  EXPECT_EQ(noes(held.body), "status trust.on-hold");
  EXPECT_TRUE(held.body["status"]["since"].is_string());
  office_.activate(mailed_);
  const Reply good = verify({{"certificate", certificate()}});
  EXPECT_EQ(noes(good.body), "");
  EXPECT_EQ(good.body["good"], true);
  EXPECT_TRUE(good.body["chain"]["code"].is_null() && good.body["chain"]["message"].is_null());
  EXPECT_NE(good.body["certificate"]["subject"].get<std::string>().find("CN="), std::string::npos);
}

TEST_F(VerifyTest, EveryQuestionFailsAlone) {
  office_.activate(mailed_);
  const Time now = office_.clock.now();
  const auto at = [](Time time) { return utcText(time); };
  EXPECT_EQ(noesOf({{"certificate", certificate()}, {"at", at(now + std::chrono::days(6 * 365))}}),
            "time trust.expired");
  EXPECT_EQ(noesOf({{"certificate", certificate()}, {"at", at(now - std::chrono::days(1))}}),
            "time trust.not-yet-valid");
  EXPECT_EQ(noesOf({{"certificate", certificate()}, {"purpose", "encryption"}}),
            "keyUsage trust.wrong-key-usage");
  EXPECT_EQ(noesOf({{"certificate", certificate("keyManagement")}, {"purpose", "encryption"}}), "");
  EXPECT_EQ(
      noesOf({{"certificate", certificate("cardAuthentication")}, {"purpose", "authentication"}}),
      "class trust.wrong-class");
}

TEST_F(VerifyTest, ARevokedCertificateIsRevokedEverAfter) {
  const auto applicant = office_.apply("A900000016");
  office_.pay(applicant);
  const std::string jobId = office_.claim()["jobId"];
  const json spoiled = office_.certify(jobId, SoftwareCard());
  const Reply reply = office_.call("POST", "/api/v1/production/jobs/" + jobId + "/spoiled",
                                   {{"reason", "dropped"}}, "station");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Reply revoked = verify({{"certificate", spoiled["signature"]}});
  EXPECT_EQ(noes(revoked.body), "status trust.revoked");
  EXPECT_EQ(revoked.body["status"]["since"], utcText(office_.clock.now()));
}

TEST_F(VerifyTest, AnotherAuthorityIsNotTrustedAndItsStatusNotKnown) {
  const trust::testing::OpenSslAuthority foreign;
  foreign.issueHolder("holder");
  EXPECT_EQ(noesOf({{"certificate", base64(foreign.der("holder"))},
                    {"at", utcText(std::chrono::system_clock::now() + std::chrono::minutes(1))}}),
            "chain trust.chain-incomplete, status trust.status-unknown, assuranceLevel "
            "trust.wrong-assurance-level");
}

TEST_F(VerifyTest, ASignedMessageIsJudgedWithItsSigner) {
  office_.activate(mailed_);
  const Reply good = verify({{"cms", base64(card_.signMessage(0, der(), kContent))}});
  ASSERT_EQ(good.status, 200) << good.body;
  ASSERT_EQ(good.body["signers"].size(), 1U) << good.body;
  const json signer = good.body["signers"][0];
  EXPECT_EQ(noes(signer), "");
  EXPECT_EQ(signer["signature"]["good"], true);
  EXPECT_TRUE(parseUtcText(signer["signingTime"].get<std::string>()));
  EXPECT_EQ(good.body["good"], true);

  const std::string detached = base64(card_.signMessage(0, der(), kContent, true));
  EXPECT_EQ(verify({{"cms", detached}, {"content", base64(kContent)}}).body["good"], true);
  const Reply other = verify({{"cms", detached}, {"content", base64(std::string("no"))}});
  EXPECT_EQ(other.body["good"], false);
  EXPECT_EQ(other.body["signers"][0]["good"], false);
  EXPECT_EQ(other.body["signers"][0]["signature"]["code"], "trust.signature-wrong");
  EXPECT_EQ(verify({{"cms", detached}}).body["code"], "trust.content-missing");
}

TEST_F(VerifyTest, AGoodSignatureByACardOnHoldIsNotGood) {
  const Reply reply = verify({{"cms", base64(card_.signMessage(0, der(), kContent))}});
  EXPECT_EQ(reply.body["good"], false);
  const json signer = reply.body["signers"][0];
  EXPECT_EQ(signer["signature"]["good"], true);
  EXPECT_EQ(signer["status"]["code"], "trust.on-hold");
  EXPECT_EQ(signer["good"], false);
}

TEST_F(VerifyTest, WhatCannotBeReadIsNotGoodInTheCallersLanguage) {
  for (const char* const member : {"certificate", "cms"}) {
    const auto response =
        office_.send({.method = "POST",
                      .target = "/api/v1/verify",
                      .headers = {{"accept-language", "vi"}},
                      .body = json{{member, base64(std::string("garbage"))}}.dump()});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.at("content-language"), "vi");
    EXPECT_EQ(
        json::parse(response.body),
        (json{{"good", false},
              {"code", "trust.malformed"},
              {"message", messages::text(messages::Language::Vietnamese, "trust.malformed")}}));
  }
}

TEST_F(VerifyTest, ACallOfAnotherFormIsRefused) {
  const std::string message = base64(std::string("x"));
  for (const json& body :
       {json::object(), json{{"certificate", message}, {"cms", message}},
        json{{"certificate", message}, {"content", message}}, json{{"certificate", "!"}},
        json{{"certificate", 1}}, json{{"certificate", std::string(40'000, 'A')}},
        json{{"certificate", message}, {"purpose", "love"}},
        json{{"certificate", message}, {"at", "yesterday"}}}) {
    const Reply reply = verify(body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.code(), "request.invalid-member") << body;
  }
  EXPECT_EQ(verify({{"certificate", message}, {"trusted", true}}).code(), "request.unknown-member");
}

}  // namespace
}  // namespace fncard::server
