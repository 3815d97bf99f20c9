// SPDX-License-Identifier: Apache-2.0
#include "server/activation/revocation.h"

#include <gtest/gtest.h>

#include "server/base/time.h"
#include "tests/server/support/office.h"

namespace fncard::server::testing {
namespace {

class RevocationTest : public ::testing::Test {
 protected:
  Reply revoke(const json& body, const std::string& caller = "officer") {
    return office_.call(
        "POST", "/api/v1/registrations/" + mailed_.applicant.orderId + "/revocation", body, caller);
  }
  Reply revokeFor(const std::string& reason) {
    return revoke({{"identified", true}, {"reason", reason}});
  }
  std::string state() { return std::string(name(office_.store().order(orderId())->state)); }
  std::string orderId() { return mailed_.applicant.orderId; }
  /// Of the card's certificates: all alike.
  store::Certificate certificate() {
    const auto found = office_.store().certificatesOf(mailed_.jobId);
    EXPECT_EQ(found->size(), 3U);
    for (const store::Certificate& each : *found) {
      EXPECT_EQ(each.status, found->front().status);
      EXPECT_EQ(each.reason, found->front().reason);
    }
    return found->front();
  }
  std::vector<std::string> reasonsInAudit() {
    std::vector<std::string> reasons;
    const auto entries = office_.store().auditEntries("", 0, 1000);
    for (const audit::Entry& entry : *entries) {
      if (entry.event.action == "card.revoked") {
        EXPECT_EQ(entry.event.actor, "officer:officer-1");
        reasons.push_back(entry.event.detail);
      }
    }
    return reasons;
  }
  void goToLastDay(std::chrono::seconds beyond) {
    const auto lastDay = parseDateText(office_.store().job(mailed_.jobId)->expiry);
    ASSERT_TRUE(lastDay);
    office_.clock.set(endOfDay(*lastDay) + beyond);
  }

  TestOffice office_;
  SoftwareCard card_;
  TestOffice::Mailed mailed_ = office_.mailedCard(card_);
};

TEST_F(RevocationTest, AnActiveCardIsRevokedForGoodAndAsOften) {
  office_.activate(mailed_);
  ASSERT_EQ(certificate().status, store::CertificateStatus::Good);
  const long long changes = *office_.store().changes(certificate().crlShard);
  EXPECT_EQ(revokeFor("lost").body["state"], "revoked");
  EXPECT_EQ(state(), "revoked");
  EXPECT_EQ(certificate().status, store::CertificateStatus::Revoked);
  EXPECT_EQ(certificate().reason, 1) << "keyCompromise";
  EXPECT_GT(*office_.store().changes(certificate().crlShard), changes) << "a CRL is due";
  EXPECT_EQ(revokeFor("data-changed").status, 200) << "the same again";
  EXPECT_EQ(certificate().reason, 1) << "the first reason stays";
  EXPECT_EQ(reasonsInAudit(), std::vector<std::string>{"lost"});
  EXPECT_EQ(office_.store().resumeCard(orderId(), "applicant", office_.clock.now()).error().code,
            store::ErrorCode::WrongState);
}

TEST_F(RevocationTest, AMailedOrSuspendedCardIsRevokedToo) {
  office_.activate(mailed_);
  ASSERT_TRUE(office_.store().suspendCard(orderId(), "applicant", office_.clock.now()));
  EXPECT_EQ(revokeFor("permit-withdrawn").status, 200);
  EXPECT_EQ(certificate().reason, 9);
  const auto second = office_.mailedCard(SoftwareCard(), "A900000016");
  mailed_ = second;
  EXPECT_EQ(revokeFor("no-longer-needed").status, 200) << "mailed";
  EXPECT_EQ(certificate().reason, 5);
}

TEST_F(RevocationTest, ThePermitNumberMayApplyAnew) {
  EXPECT_EQ(revokeFor("lost").status, 200);
  const auto again = office_.apply(mailed_.applicant.permitNumber);
  EXPECT_NE(again.orderId, orderId());
}

TEST_F(RevocationTest, NothingIsRevokedWithoutAnOfficerThePersonAndAReason) {
  EXPECT_EQ(revoke({{"identified", true}, {"reason", "lost"}}, "").status, 403);
  EXPECT_EQ(revoke({{"identified", true}, {"reason", "lost"}}, "station").status, 403);
  EXPECT_EQ(revoke({{"identified", false}, {"reason", "lost"}}).code(),
            "registration.bearer-not-confirmed");
  EXPECT_EQ(revoke({{"identified", true}, {"reason", "because"}}).status, 400);
  EXPECT_EQ(revoke({{"identified", true}}).status, 400);
  EXPECT_EQ(state(), "mailed");
  EXPECT_TRUE(reasonsInAudit().empty());
  mailed_.applicant.orderId = "nothing";
  EXPECT_EQ(revokeFor("lost").code(), "request.not-found");
}

TEST_F(RevocationTest, ACardThatIsNotMadeIsNotRevoked) {
  mailed_.applicant = office_.apply("A900000016");
  EXPECT_EQ(revokeFor("lost").code(), "revocation.no-card");
  EXPECT_EQ(state(), "applied");
  EXPECT_TRUE(reasonsInAudit().empty());
}

TEST_F(RevocationTest, AnOrderEndsWithItsCardsLastDayInTaipei) {
  office_.activate(mailed_);
  goToLastDay(std::chrono::seconds(0));
  EXPECT_EQ(office_.revocation().expire(), 0);
  EXPECT_EQ(state(), "activated");
  goToLastDay(std::chrono::seconds(1));
  EXPECT_EQ(office_.revocation().expire(), 1);
  EXPECT_EQ(state(), "expired");
  EXPECT_EQ(certificate().status, store::CertificateStatus::Good) << "its own validity is over";
  EXPECT_EQ(office_.revocation().expire(), 0);
  EXPECT_EQ(revokeFor("lost").code(), "revocation.no-card");
}

TEST_F(RevocationTest, ACardThatWasNeverActivatedOrIsSuspendedEndsToo) {
  const auto suspended = office_.mailedCard(SoftwareCard(), "A900000016");
  office_.activate(suspended);
  ASSERT_TRUE(
      office_.store().suspendCard(suspended.applicant.orderId, "applicant", office_.clock.now()));
  goToLastDay(std::chrono::seconds(1));
  EXPECT_EQ(office_.revocation().expire(), 2);
  EXPECT_EQ(state(), "expired");
  EXPECT_EQ(office_.store().order(suspended.applicant.orderId)->state, store::OrderState::Expired);
}

}  // namespace
}  // namespace fncard::server::testing
