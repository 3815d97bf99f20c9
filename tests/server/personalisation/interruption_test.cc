// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/server/personalisation/station_fixture.h"

namespace fncard::server::personalisation {
namespace {

constexpr const char* kInterruptedCard = "AB12345678901234";
constexpr unsigned kMoreThanEver = 1000;

class CutAtApdu : public StationTest, public testing::WithParamInterface<TestCard::Cut> {};

// The whole job is run once for each of its APDUs, cut there, and run again with the same card.
TEST_P(CutAtApdu, TheSameCommandFinishesTheCard) {
  unsigned apdu = 0;
  for (; apdu < kMoreThanEver; ++apdu) {
    SCOPED_TRACE("cut at APDU " + std::to_string(apdu));
    FakeOffice office;
    office.addJob(kInterruptedCard);
    TestCard card;
    card.cutAt(apdu, GetParam());
    auto job = makeCard(office, card);
    if (!card.wasCut()) {
      ASSERT_TRUE(job.has_value()) << job.error().code;
      break;
    }
    ASSERT_FALSE(job.has_value());
    EXPECT_EQ(job.error().code, "card.card-removed");
    card.insertAgain();
    job = makeCard(office, card);
    ASSERT_TRUE(job.has_value()) << job.error().code;
    expectFinished(office, job->jobId, card);
    EXPECT_EQ(office.claims.size(), 1U) << "no second job was taken";
    EXPECT_LE(office.certificateSets, 2);
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/job.json"));
  }
  EXPECT_GT(apdu, 30U) << "the job has more APDUs than that";
}

INSTANTIATE_TEST_SUITE_P(Where, CutAtApdu,
                         testing::Values(TestCard::Cut::BeforeIt, TestCard::Cut::AfterIt),
                         [](const auto& where) {
                           return where.param == TestCard::Cut::BeforeIt ? "BeforeIt" : "AfterIt";
                         });

class CutAtCall : public StationTest, public testing::WithParamInterface<FakeOffice::Fault> {};

TEST_P(CutAtCall, TheSameCommandFinishesTheCard) {
  constexpr int kCalls = 4;  // claim, secrets, certificates, checked
  for (int call = 0; call < kCalls; ++call) {
    SCOPED_TRACE("cut at call " + std::to_string(call));
    FakeOffice office;
    office.addJob(kInterruptedCard);
    office.addJob("AB12345678901235");
    TestCard card;
    office.failCall(call, GetParam());
    ASSERT_FALSE(makeCard(office, card).has_value());
    const auto job = makeCard(office, card);
    ASSERT_TRUE(job.has_value()) << job.error().code;
    EXPECT_EQ(job->cardNumber, kInterruptedCard);
    expectFinished(office, job->jobId, card);
    EXPECT_EQ(office.claims.size(), 1U) << "no second job was taken";
    EXPECT_EQ(office.certificateSets, 1) << "the keys were certified once";
  }
}

INSTANTIATE_TEST_SUITE_P(Where, CutAtCall,
                         testing::Values(FakeOffice::Fault::BeforeIt, FakeOffice::Fault::AfterIt),
                         [](const auto& where) {
                           return where.param == FakeOffice::Fault::BeforeIt ? "BeforeIt"
                                                                             : "AfterIt";
                         });

TEST_F(StationTest, SurvivesACutOnEveryRunUntilItIsDone) {
  FakeOffice office;
  office.addJob(kInterruptedCard);
  TestCard card;
  Result<Job> job = stopped("not yet");
  for (unsigned apdu = 3; apdu < kMoreThanEver && !job; apdu += 5) {
    card.cutAt(apdu, apdu % 2 == 0 ? TestCard::Cut::BeforeIt : TestCard::Cut::AfterIt);
    job = makeCard(office, card);
    card.insertAgain();
  }
  ASSERT_TRUE(job.has_value()) << job.error().code;
  expectFinished(office, job->jobId, card);
  EXPECT_EQ(office.claims.size(), 1U);
}

}  // namespace
}  // namespace fncard::server::personalisation
