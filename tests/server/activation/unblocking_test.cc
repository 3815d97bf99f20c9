// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/base64.h"
#include "tests/server/support/office.h"

namespace fncard::server {
namespace {

using testing::base64;
using testing::json;
using testing::proofFor;
using testing::receiptFor;
using testing::Reply;
using testing::SoftwareCard;
using testing::TestOffice;

constexpr const char* kPurpose = "fncard unblocking 1";

class UnblockingTest : public ::testing::Test {
 protected:
  UnblockingTest() {
    // the station's call, before the card is mailed: what the card was given
    const auto applicant = office_.apply();
    office_.pay(applicant);
    const std::string jobId = office_.claim()["jobId"];
    secrets_ = office_
                   .call("POST", "/api/v1/production/jobs/" + jobId + "/secrets", json::object(),
                         "station")
                   .body;
    const json certificates = office_.certify(jobId, card_);
    office_.check(jobId, certificates);
    office_.mail(jobId);
    mailed_ = {applicant, jobId, office_.store().job(jobId)->cardNumber, certificates};
  }

  Reply begin(const std::string& what, const std::string& userCode, const std::string& cardNumber) {
    return office_.call("POST", "/api/v1/" + what,
                        {{"idempotencyKey", office_.key()},
                         {"permitNumber", mailed_.applicant.permitNumber},
                         {"userCode", userCode},
                         {"cardNumber", cardNumber}});
  }
  Reply begin(const std::string& what = "unblockings") {
    return begin(what, mailed_.applicant.userCode, mailed_.cardNumber);
  }
  static std::string path(const json& begun, const std::string& step = "") {
    return "/api/v1/unblockings/" + begun["transaction"].get<std::string>() + step;
  }
  Reply prove(const json& begun, const std::string& purpose = kPurpose) {
    return office_.call(
        "POST", path(begun, "/proof"),
        {{"signature", base64(card_.sign(SoftwareCard::kCardAuthentication,
                                         proofFor(begun, mailed_.cardNumber, purpose)))}});
  }
  Reply receipt(const json& begun, const json& of, std::size_t key = SoftwareCard::kSigning) {
    const std::string text = receiptFor(of, mailed_.certificates);
    return office_.call("POST", path(begun, "/receipt"),
                        {{"receipt", base64(text)}, {"signature", base64(card_.sign(key, text))}});
  }
  Reply receipt(const json& begun) { return receipt(begun, begun); }
  std::string state(const json& begun) {
    return office_.call("GET", path(begun)).body.value("state", "");
  }

  /// What the station was told.
  std::string firstPuk() {
    const auto bytes = *net::decodeBase64(secrets_["puk"].get<std::string>());
    return {bytes.begin(), bytes.end()};
  }

  TestOffice office_;
  SoftwareCard card_;
  json secrets_;
  TestOffice::Mailed mailed_;
};

TEST_F(UnblockingTest, EachOneGivesTheCardsPukAndTheNextOne) {
  office_.activate(mailed_);
  std::string puk = firstPuk();
  for (int round = 0; round < 3; ++round) {
    const json begun = begin().body;
    EXPECT_EQ(begun["state"], "begun");
    EXPECT_EQ(begun["birthDate"], "1990-05-17");
    const Reply released = prove(begun);
    ASSERT_EQ(released.status, 200) << released.body;
    EXPECT_EQ(released.headers.at("cache-control"), "no-store");
    EXPECT_EQ(released.body["puk"], puk);
    EXPECT_EQ(released.body["attempt"], 1);
    const std::string next = released.body["nextPuk"];
    EXPECT_EQ(next.size(), 8U);
    EXPECT_NE(next, puk);
    ASSERT_EQ(receipt(begun).status, 200);
    puk = next;
  }
}

TEST_F(UnblockingTest, EveryStepMayBeRepeatedAcrossARestartWithTheSameAnswer) {
  office_.activate(mailed_);
  const json first = begin().body;
  office_.restart();
  const json begun = begin().body;
  EXPECT_EQ(begun["transaction"], first["transaction"]);
  EXPECT_EQ(begun["nonce"], first["nonce"]);
  const json released = prove(begun).body;
  office_.restart();
  EXPECT_EQ(state(begun), "released");
  EXPECT_EQ(begin().body["state"], "released");
  const json again = prove(begun).body;
  EXPECT_EQ(again["puk"], released["puk"]);
  EXPECT_EQ(again["nextPuk"], released["nextPuk"]);
  EXPECT_EQ(again["attempt"], 2) << "counted, so that the PC takes them in turn";
  EXPECT_EQ(receipt(begun).body["state"], "done");
  office_.restart();
  EXPECT_EQ(state(begun), "done");
  EXPECT_EQ(receipt(begun).status, 200) << "a lost answer is asked for again";
  EXPECT_EQ(prove(begun).code(), "unblocking.done");
  EXPECT_NE(begin().body["transaction"], begun["transaction"]) << "the next one is another";
}

TEST_F(UnblockingTest, AnIdempotencyKeyMakesOne) {
  office_.activate(mailed_);
  const json body = {{"idempotencyKey", office_.key()},
                     {"permitNumber", mailed_.applicant.permitNumber},
                     {"userCode", mailed_.applicant.userCode},
                     {"cardNumber", mailed_.cardNumber}};
  const json begun = office_.call("POST", "/api/v1/unblockings", body).body;
  ASSERT_EQ(prove(begun).status, 200);
  ASSERT_EQ(receipt(begun).status, 200);
  EXPECT_EQ(office_.call("POST", "/api/v1/unblockings", body).body["transaction"],
            begun["transaction"]);
}

TEST_F(UnblockingTest, NothingIsGivenForAWrongCodeCardOrProof) {
  office_.activate(mailed_);
  EXPECT_EQ(begin("unblockings", "AAAAAAAA", mailed_.cardNumber).code(), "unblocking.refused");
  EXPECT_EQ(begin("unblockings", mailed_.applicant.userCode, "AB00000000000000").code(),
            "unblocking.card-of-another-order");
  const json begun = begin().body;
  EXPECT_EQ(prove(begun, "fncard activation 1").code(), "unblocking.proof-wrong")
      << "a proof for one thing is none for another";
  EXPECT_EQ(state(begun), "begun");
  EXPECT_EQ(receipt(begun).code(), "unblocking.not-released");
  EXPECT_EQ(office_.call("GET", "/api/v1/unblockings/nothing").code(),
            "unblocking.unknown-transaction");
}

TEST_F(UnblockingTest, OnlyItsOwnReceiptOfTheSigningKeyEndsIt) {
  office_.activate(mailed_);
  const json begun = begin().body;
  ASSERT_EQ(prove(begun).status, 200);
  json other = begun;
  other["transaction"] = "0123456789abcdef";
  EXPECT_EQ(receipt(begun, other).code(), "unblocking.receipt-wrong");
  EXPECT_EQ(receipt(begun, begun, SoftwareCard::kCardAuthentication).code(),
            "unblocking.receipt-wrong")
      << "the PIN was not needed for that";
  EXPECT_EQ(state(begun), "released");
  EXPECT_EQ(receipt(begun).status, 200);
}

TEST_F(UnblockingTest, OfACardThatHasNeitherPukStopsForGood) {
  office_.activate(mailed_);
  const json begun = begin().body;
  const auto report = [&](const std::string& cardNumber) {
    return office_.call("POST", path(begun, "/refused"), {{"cardNumber", cardNumber}});
  };
  EXPECT_EQ(report(mailed_.cardNumber).code(), "unblocking.not-released");
  ASSERT_EQ(prove(begun).status, 200);
  EXPECT_EQ(report("AB00000000000000").code(), "unblocking.unknown-transaction");
  EXPECT_EQ(report(mailed_.cardNumber).status, 204);
  EXPECT_EQ(report(mailed_.cardNumber).status, 204) << "a lost answer";
  EXPECT_EQ(prove(begun).code(), "unblocking.stopped");
  EXPECT_EQ(receipt(begun).code(), "unblocking.stopped");
  EXPECT_EQ(begin().body["state"], "refused");
}

TEST_F(UnblockingTest, ACardThatIsNotActiveIsNotUnblocked) {
  EXPECT_EQ(begin().code(), "unblocking.not-active") << "mailed";
  office_.activate(mailed_);
  ASSERT_TRUE(
      office_.store().suspendCard(mailed_.applicant.orderId, "applicant", office_.clock.now()));
  EXPECT_EQ(begin().code(), "unblocking.not-active") << "suspended: it may be in other hands";
}

TEST_F(UnblockingTest, ACardWhosePinWasForgottenInTheMiddleOfItsActivationIs) {
  const json activation = begin("activations").body;
  EXPECT_EQ(begin().code(), "unblocking.not-active") << "nothing was released yet";
  ASSERT_EQ(
      office_
          .call("POST",
                "/api/v1/activations/" + activation["transaction"].get<std::string>() + "/proof",
                {{"signature", base64(card_.sign(SoftwareCard::kCardAuthentication,
                                                 proofFor(activation, mailed_.cardNumber)))}})
          .status,
      200);
  const json begun = begin().body;
  EXPECT_EQ(prove(begun).body["puk"], firstPuk());
}

TEST_F(UnblockingTest, WrongCodesLockAsTheyDoEverywhere) {
  office_.activate(mailed_);
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(begin("unblockings", "AAAAAAAA", mailed_.cardNumber).code(), "unblocking.refused");
  }
  EXPECT_EQ(begin("unblockings", "AAAAAAAA", mailed_.cardNumber).code(), "session.locked");
  EXPECT_EQ(begin().status, 429);
}

}  // namespace
}  // namespace fncard::server
