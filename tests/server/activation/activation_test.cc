// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/base64.h"
#include "tests/server/support/office.h"
#include "trust/certificate.h"

namespace fncard::server {
namespace {

using testing::base64;
using testing::json;
using testing::proofFor;
using testing::receiptFor;
using testing::Reply;
using testing::SoftwareCard;
using testing::TestOffice;

class ActivationTest : public ::testing::Test {
 protected:
  Reply begin(const std::string& cardNumber = "") {
    return begin(mailed_.applicant.userCode, cardNumber.empty() ? mailed_.cardNumber : cardNumber);
  }
  Reply begin(const std::string& userCode, const std::string& cardNumber) {
    return office_.call("POST", "/api/v1/activations",
                        {{"idempotencyKey", office_.key()},
                         {"permitNumber", mailed_.applicant.permitNumber},
                         {"userCode", userCode},
                         {"cardNumber", cardNumber}});
  }
  static std::string path(const json& begun, const std::string& step = "") {
    return "/api/v1/activations/" + begun["transaction"].get<std::string>() + step;
  }
  Reply prove(const json& begun, std::size_t key = SoftwareCard::kCardAuthentication) {
    return office_.call(
        "POST", path(begun, "/proof"),
        {{"signature", base64(card_.sign(key, proofFor(begun, mailed_.cardNumber)))}});
  }
  Reply receipt(const json& begun, const std::string& text,
                std::size_t key = SoftwareCard::kSigning) {
    return office_.call("POST", path(begun, "/receipt"),
                        {{"receipt", base64(text)}, {"signature", base64(card_.sign(key, text))}});
  }
  Reply receipt(const json& begun) {
    return receipt(begun, receiptFor(begun, mailed_.certificates));
  }
  std::string state(const json& begun) {
    return office_.call("GET", path(begun)).body.value("state", "");
  }
  std::string orderState() {
    return std::string(store::name(office_.store().order(mailed_.applicant.orderId)->state));
  }
  std::string certificateStatus(const std::string& use = "signature") {
    const auto der = net::decodeBase64(mailed_.certificates[use].get<std::string>());
    const auto certificate = trust::Certificate::read(*der);
    return office_.call("GET", "/api/v1/certificates/" + certificate->serial + "/status")
        .body.value("status", "");
  }

  TestOffice office_;
  SoftwareCard card_;
  TestOffice::Mailed mailed_ = office_.mailedCard(card_);
};

TEST_F(ActivationTest, CertificatesAreOnHoldUntilTheReceiptAndGoodAfterIt) {
  const json begun = begin().body;
  EXPECT_EQ(begun["state"], "begun");
  EXPECT_EQ(begun["birthDate"], "1990-05-17");
  EXPECT_EQ(net::decodeBase64(begun["nonce"].get<std::string>())->size(), 32U);
  const Reply released = prove(begun);
  ASSERT_EQ(released.status, 200) << released.body;
  EXPECT_EQ(released.body["transportPin"].get<std::string>().size(), 8U);
  EXPECT_EQ(certificateStatus(), "on-hold");
  const Reply committed = receipt(begun);
  ASSERT_EQ(committed.status, 200) << committed.body;
  EXPECT_EQ(committed.body["state"], "active");
  for (const char* use : {"signature", "keyManagement", "cardAuthentication"}) {
    EXPECT_EQ(certificateStatus(use), "good") << use;
  }
  EXPECT_EQ(orderState(), "activated");
  EXPECT_EQ(begin().code(), "activation.already-active");
}

TEST_F(ActivationTest, EveryStepMayBeRepeatedAcrossARestartWithTheSameAnswer) {
  const json first = begin().body;
  office_.restart();
  const json begun = begin().body;
  EXPECT_EQ(begun["transaction"], first["transaction"]);
  EXPECT_EQ(begun["nonce"], first["nonce"]);
  const json released = prove(begun).body;
  office_.restart();
  EXPECT_EQ(state(begun), "released");
  EXPECT_EQ(begin().body["state"], "released");
  EXPECT_EQ(prove(begun).body, released);
  EXPECT_EQ(receipt(begun).status, 200);
  office_.restart();
  EXPECT_EQ(state(begun), "active");
  EXPECT_EQ(receipt(begun).status, 200) << "a lost answer is asked for again";
  EXPECT_EQ(office_.store().events(mailed_.applicant.orderId)->back().to, "activated");
  EXPECT_EQ(prove(begun).code(), "activation.already-active");
}

TEST_F(ActivationTest, ReleasedIsStoredBeforeTheTransportPinIsGiven) {
  const json begun = begin().body;
  EXPECT_EQ(receipt(begun).code(), "activation.not-released");
  EXPECT_EQ(prove(begun, SoftwareCard::kSigning).code(), "activation.proof-wrong");
  EXPECT_EQ(state(begun), "begun");
  ASSERT_EQ(prove(begun).status, 200);
  EXPECT_EQ(state(begun), "released");
}

TEST_F(ActivationTest, TheTransportPinIsTheOneThatTheStationWasGiven) {
  SoftwareCard other;
  const auto applicant = office_.apply("A900000016");
  office_.pay(applicant);
  const std::string jobId = office_.claim()["jobId"];
  const Reply secrets = office_.call("POST", "/api/v1/production/jobs/" + jobId + "/secrets",
                                     json::object(), "station");
  const json certificates = office_.certify(jobId, other);
  office_.check(jobId, certificates);
  office_.mail(jobId);
  mailed_ = {applicant, jobId, office_.store().job(jobId)->cardNumber, certificates};
  card_ = std::move(other);
  EXPECT_EQ(prove(begin().body).body["transportPin"], secrets.body["transportPin"]);
}

TEST_F(ActivationTest, WrongCodeCardOrProofActivateNothing) {
  EXPECT_EQ(begin("AAAAAAAA", mailed_.cardNumber).code(), "activation.refused");
  EXPECT_EQ(begin("AB00000000000000").code(), "activation.card-of-another-order");
  EXPECT_EQ(begin("'; DROP TABLE--").code(), "request.invalid-member");
  const json begun = begin().body;
  const SoftwareCard stranger;
  const Reply wrong =
      office_.call("POST", path(begun, "/proof"),
                   {{"signature", base64(stranger.sign(SoftwareCard::kCardAuthentication,
                                                       proofFor(begun, mailed_.cardNumber)))}});
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.code(), "activation.proof-wrong");
  EXPECT_EQ(office_.call("GET", "/api/v1/activations/nothing").code(),
            "activation.unknown-transaction");
}

TEST_F(ActivationTest, OnlyTheOneRightReceiptCounts) {
  const json begun = begin().body;
  ASSERT_EQ(prove(begun).status, 200);
  const std::string right = receiptFor(begun, mailed_.certificates);
  json changed = json::parse(right);
  changed["nonce"] = base64(std::string(32, 'x'));
  json longer = json::parse(right);
  longer["more"] = 1;
  json swapped = json::parse(right);
  std::swap(swapped["certificates"][0], swapped["certificates"][1]);
  for (const std::string& text :
       {changed.dump(), longer.dump(), swapped.dump(), json::parse(right).dump(1), right + " ",
        receiptFor(begun, mailed_.certificates, "yesterday"), std::string("{}")}) {
    EXPECT_EQ(receipt(begun, text).code(), "activation.receipt-wrong") << text;
  }
  EXPECT_EQ(receipt(begun, right, SoftwareCard::kCardAuthentication).code(),
            "activation.receipt-wrong")
      << "not signed by the signing key";
  EXPECT_EQ(certificateStatus(), "on-hold");
  EXPECT_EQ(orderState(), "mailed");
  EXPECT_EQ(receipt(begun, right).status, 200);
}

TEST_F(ActivationTest, AReportedCardStaysOnHoldForGood) {
  const json begun = begin().body;
  const json report = {{"cardNumber", mailed_.cardNumber}};
  EXPECT_EQ(office_.call("POST", path(begun, "/tamper"), report).code(), "activation.not-released");
  ASSERT_EQ(prove(begun).status, 200);
  EXPECT_EQ(
      office_.call("POST", path(begun, "/tamper"), {{"cardNumber", "AB12345678901234"}}).code(),
      "activation.card-of-another-order");
  EXPECT_EQ(office_.call("POST", path(begun, "/tamper"), report).status, 204);
  EXPECT_EQ(office_.call("POST", path(begun, "/tamper"), report).status, 204);
  EXPECT_EQ(state(begun), "refused");
  EXPECT_EQ(prove(begun).code(), "activation.stopped");
  EXPECT_EQ(receipt(begun).code(), "activation.stopped");
  EXPECT_EQ(begin().body["state"], "refused");
  EXPECT_EQ(certificateStatus(), "on-hold");
}

TEST_F(ActivationTest, ACardThatIsNotMailedIsNotActivated) {
  const auto applicant = office_.apply("A900000016");
  mailed_.applicant = applicant;
  EXPECT_EQ(begin().code(), "activation.not-mailed");
  office_.pay(applicant);
  mailed_.cardNumber = office_.store().order(applicant.orderId)->cardNumber;
  const Reply reply = begin();
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "activation.not-mailed");
}

TEST_F(ActivationTest, TheFifthWrongCodeLocksAndTheThirdWarns) {
  for (int i = 1; i <= 4; ++i) {
    const Reply reply = begin("AAAAAAAA", mailed_.cardNumber);
    EXPECT_EQ(reply.code(), "activation.refused");
    const bool warns = reply.body["error"]["message"].get<std::string>().find("five wrong tries") !=
                       std::string::npos;
    EXPECT_EQ(warns, i >= 3) << i;
  }
  EXPECT_EQ(begin("AAAAAAAA", mailed_.cardNumber).code(), "session.locked");
  const Reply locked = begin();
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.headers.at("retry-after"), "300");
  office_.clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(begin().status, 200);
}

}  // namespace
}  // namespace fncard::server
