// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/base64.h"
#include "tests/server/support/office.h"
#include "trust/certificate.h"

namespace fncard::server {
namespace {

using testing::base64;
using testing::json;
using testing::Reply;
using testing::SoftwareCard;
using testing::TestOffice;

class ProductionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    office_.pay(applicant_);
    job_ = office_.claim();
  }
  [[nodiscard]] std::string jobId() const { return job_["jobId"].get<std::string>(); }
  Reply post(const std::string& step, const json& body) {
    return office_.call("POST", "/api/v1/production/jobs/" + jobId() + "/" + step, body, "station");
  }
  Reply show() { return office_.call("GET", "/api/v1/production/jobs/" + jobId(), {}, "station"); }
  std::string state() {
    return std::string(store::name(office_.store().order(applicant_.orderId)->state));
  }
  std::string statusOf(const json& certificates, const std::string& use = "signature") {
    const auto der = net::decodeBase64(certificates[use].get<std::string>());
    const auto certificate = trust::Certificate::read(*der);
    return office_.call("GET", "/api/v1/certificates/" + certificate->serial + "/status")
        .body.value("status", "");
  }
  TestOffice office_;
  TestOffice::Applicant applicant_ = office_.apply();
  json job_;
  SoftwareCard card_;
};

TEST_F(ProductionTest, AClaimIsRepeatedWithItsKeyAndAJobIsGivenOnce) {
  EXPECT_EQ(job_["state"], "claimed");
  EXPECT_EQ(job_["profile"], "p256");
  EXPECT_EQ(job_["expiry"], "2031-01-31");
  EXPECT_EQ(job_["printed"]["name"], "NGUYEN THI HOA");
  EXPECT_TRUE(job_["certificates"].is_null());
  EXPECT_EQ(state(), "in-production");
  EXPECT_EQ(office_
                .call("POST", "/api/v1/production/jobs/claim", {{"idempotencyKey", office_.key()}},
                      "station")
                .status,
            204);
  const auto applicant = office_.apply("A900000016");
  office_.pay(applicant);
  const json key = {{"idempotencyKey", "claim-0123456789"}};
  const Reply first = office_.call("POST", "/api/v1/production/jobs/claim", key, "station");
  office_.restart();
  EXPECT_EQ(office_.call("POST", "/api/v1/production/jobs/claim", key, "station").body, first.body);
}

TEST_F(ProductionTest, SecretsAreTheSameAtEachCallAndWithTheCard) {
  const Reply first = post("secrets", json::object());
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(net::decodeBase64(first.body["managementKey"].get<std::string>())->size(), 32U);
  EXPECT_EQ(net::decodeBase64(first.body["puk"].get<std::string>())->size(), 8U);
  office_.restart();
  EXPECT_EQ(post("secrets", json::object()).body, first.body);
}

TEST_F(ProductionTest, TheSameKeysGiveTheSameCertificatesAndOthersReplaceThem) {
  const json first = office_.certify(jobId(), card_);
  office_.restart();
  EXPECT_EQ(office_.certify(jobId(), card_), first);
  EXPECT_EQ(statusOf(first), "on-hold");
  const SoftwareCard anew;
  const json second = office_.certify(jobId(), anew);
  EXPECT_NE(second, first);
  EXPECT_EQ(statusOf(first), "revoked");
  EXPECT_EQ(statusOf(second), "on-hold");
  EXPECT_EQ(show().body["certificates"], second);
}

TEST_F(ProductionTest, CertificatesSayWhoAndFollowTheProfile) {
  const json certificates = office_.certify(jobId(), card_);
  const auto read = [&](const char* use) {
    return *trust::Certificate::read(*net::decodeBase64(certificates[use].get<std::string>()));
  };
  const auto signing = read("signature");
  EXPECT_EQ(signing.commonName, "NGUYEN THI HOA");
  EXPECT_EQ(signing.permitLastFour, "0014");
  EXPECT_EQ(signing.email, "an@example.org");
  EXPECT_EQ(signing.subjectSerial, read("keyManagement").subjectSerial);
  EXPECT_EQ(read("cardAuthentication").commonName, job_["cardNumber"]);
  EXPECT_EQ(signing.ocspUrls.front(), "http://127.0.0.1:8080/ocsp");
}

TEST_F(ProductionTest, AKeyWithoutProofOfAnotherKindOrOfAnotherCardIsRefused) {
  json stolen = card_.keys(jobId());
  stolen["keys"]["signature"]["proof"] = stolen["keys"]["keyManagement"]["proof"];
  EXPECT_EQ(post("certificates", stolen).code(), "production.proof-wrong");
  EXPECT_EQ(post("certificates", card_.keys("another-job")).code(), "production.proof-wrong");
  EXPECT_EQ(post("certificates", SoftwareCard("P-384").keys(jobId())).code(),
            "production.key-refused");
  json twice = card_.keys(jobId());
  twice["keys"]["keyManagement"] = twice["keys"]["signature"];
  EXPECT_EQ(post("certificates", twice).code(), "production.key-refused");
  json none = card_.keys(jobId());
  none["keys"]["signature"]["publicKey"] = base64(std::string("none"));
  EXPECT_EQ(post("certificates", none).code(), "production.key-refused");
  office_.certify(jobId(), card_);
  office_.pay(office_.apply("A900000016"));
  job_ = office_.claim();
  EXPECT_EQ(post("certificates", card_.keys(jobId())).code(), "production.key-used");
}

TEST_F(ProductionTest, ACardThatDiffersIsNotChecked) {
  const json certificates = office_.certify(jobId(), card_);
  const std::string zeros = base64(std::string(32, '\0'));
  EXPECT_EQ(
      post("checked",
           {{"readBack",
             {{"signature", zeros}, {"keyManagement", zeros}, {"cardAuthentication", zeros}}}})
          .code(),
      "production.card-differs");
  EXPECT_EQ(post("mailed", {{"mailNumber", "12345678901234567890"}}).code(),
            "production.wrong-state");
  office_.check(jobId(), certificates);
  office_.restart();
  office_.check(jobId(), certificates);
  EXPECT_EQ(state(), "checked");
  EXPECT_EQ(post("mailed", {{"mailNumber", "1"}}).code(), "request.invalid-member");
  office_.mail(jobId());
  office_.mail(jobId());
  EXPECT_EQ(state(), "mailed");
  EXPECT_EQ(post("secrets", json::object()).code(), "production.wrong-state")
      << "no secret of a card that has left";
  EXPECT_EQ(post("certificates", SoftwareCard().keys(jobId())).code(), "production.wrong-state");
  EXPECT_EQ(post("spoiled", {{"reason", "late"}}).code(), "production.wrong-state");
}

TEST_F(ProductionTest, ASpoiledCardIsRevokedAndTheOrderGetsAnother) {
  const json certificates = office_.certify(jobId(), card_);
  const Reply spoiled = post("spoiled", {{"reason", "printer jam"}});
  ASSERT_EQ(spoiled.status, 200) << spoiled.body;
  office_.restart();
  EXPECT_EQ(post("spoiled", {{"reason", "printer jam"}}).body, spoiled.body);
  EXPECT_EQ(statusOf(certificates), "revoked");
  EXPECT_EQ(state(), "paid");
  const json replacement = office_.claim();
  EXPECT_EQ(replacement["jobId"], spoiled.body["replacementJobId"]);
  EXPECT_NE(replacement["cardNumber"], job_["cardNumber"]);
  EXPECT_EQ(office_.store().order(applicant_.orderId)->cardNumber, replacement["cardNumber"]);
  EXPECT_EQ(post("certificates", card_.keys(jobId())).code(), "production.wrong-state");
}

}  // namespace
}  // namespace fncard::server
