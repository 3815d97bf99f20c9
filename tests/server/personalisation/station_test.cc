// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/station.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "card/card.h"
#include "tests/server/personalisation/station_fixture.h"

namespace fncard::server::personalisation {
namespace {

constexpr const char* kCardNumber = "AB12345678901234";

class StationProfiles : public StationTest, public testing::WithParamInterface<const char*> {};

TEST_P(StationProfiles, MakesAFinishedCardOfABlankOne) {
  FakeOffice office(GetParam());
  office.addJob(kCardNumber);
  TestCard card;
  const auto job = makeCard(office, card);
  ASSERT_TRUE(job.has_value()) << job.error().code;
  EXPECT_EQ(job->state, "checked");
  expectFinished(office, job->jobId, card);

  const auto opened = card::openAnyCard(card.readers());
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ((*opened)->identity().cardNumber, kCardNumber);
  EXPECT_EQ((*opened)->identity().expiry, "2031-11-30");
  EXPECT_EQ((*opened)->identity().guid[6] >> 4, 4) << "a random UUID";
  auto application = (*opened)->begin();
  std::string pin = FakeOffice::kTransportPin;
  ASSERT_TRUE((*application)->verifyPin(*card::Pin::take(std::span(pin))).has_value());
  EXPECT_EQ((*application)->readPrintedInformation()->name, "NGUYEN THI HOA 阮氏花");
}

INSTANTIATE_TEST_SUITE_P(Profiles, StationProfiles, testing::Values("rsa2048", "p256", "p384"),
                         [](const auto& profile) { return std::string(profile.param); });

TEST_F(StationTest, SaysThatThereIsNoJobAndForgetsItsClaim) {
  FakeOffice office;
  TestCard card;
  EXPECT_EQ(makeCard(office, card).error().code, "perso.no-job");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/job.json"));
}

TEST_F(StationTest, ClaimsNothingWithoutACard) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  card.readers().removeCard();
  EXPECT_EQ(makeCard(office, card).error().code, "card.no-card");
  EXPECT_EQ(office.calls(), 0);
}

TEST_F(StationTest, TakesTheNextJobForTheNextCard) {
  FakeOffice office;
  office.addJob(kCardNumber);
  office.addJob("AB12345678901235");
  TestCard first;
  TestCard second;
  ASSERT_TRUE(makeCard(office, first).has_value());
  const auto job = makeCard(office, second);
  ASSERT_TRUE(job.has_value()) << job.error().code;
  EXPECT_EQ(job->cardNumber, "AB12345678901235");
  expectFinished(office, job->jobId, second);
}

TEST_F(StationTest, RefusesACardThatIsAlreadySomebodys) {
  FakeOffice office;
  office.addJob(kCardNumber);
  office.addJob("AB12345678901235");
  TestCard card;
  ASSERT_TRUE(makeCard(office, card).has_value());
  const hw_sim::CardState before = card.state();
  const auto again = makeCard(office, card);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, "perso.card-not-blank");
  EXPECT_EQ(office.claims.size(), 1U) << "nothing was claimed for it";
  EXPECT_EQ(hw_sim::toJson(card.state()), hw_sim::toJson(before)) << "nothing was written";
}

TEST_F(StationTest, RefusesACardWithAnAdministrationKeyOfSomebodyElse) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  hw_sim::CardState state = hw_sim::blankCard(true);
  state.management.key = Bytes(24, 0x77);
  card.replace(state);
  EXPECT_EQ(makeCard(office, card).error().code, "perso.management-key-unknown");
}

TEST_F(StationTest, StopsAtAPinThatIsNotTheFactorysAndLeavesTries) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  hw_sim::CardState state = hw_sim::blankCard(true);
  state.pin.value = hw_sim::paddedPin("654321");
  card.replace(state);
  EXPECT_EQ(makeCard(office, card).error().code, "perso.pin-unknown");
  EXPECT_EQ(card.state().pin.triesLeft, card.state().pin.triesLimit - 1);
}

TEST_F(StationTest, StartsAnewOnAnotherBlankCard) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard broken;
  broken.cutAt(25, TestCard::Cut::BeforeIt);
  ASSERT_FALSE(makeCard(office, broken).has_value());
  ASSERT_TRUE(broken.wasCut());
  TestCard card;
  const auto job = makeCard(office, card);
  ASSERT_TRUE(job.has_value()) << job.error().code;
  expectFinished(office, job->jobId, card);
  EXPECT_EQ(office.claims.size(), 1U);

  broken.insertAgain();
  office.addJob("AB12345678901235");
  EXPECT_EQ(makeCard(office, broken).error().code, "perso.card-not-blank")
      << "the half-made card cannot become anybody's";
}

TEST_F(StationTest, RefusesCertificatesForOtherKeys) {
  FakeOffice office;
  office.addJob(kCardNumber);
  office.tamper = [](FakeOffice::JobState& job) {
    std::swap(job.certificates["signature"], job.certificates["keyManagement"]);
  };
  TestCard card;
  EXPECT_EQ(makeCard(office, card).error().code, "perso.certificate-wrong");
  EXPECT_EQ(office.jobs.begin()->second.state, "claimed");
}

TEST_F(StationTest, LeavesAJobThatWasSpoiledElsewhere) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  office.failCall(1, FakeOffice::Fault::BeforeIt);
  ASSERT_FALSE(makeCard(office, card).has_value());
  office.jobs.begin()->second.state = "spoiled";
  EXPECT_EQ(makeCard(office, card).error().code, "perso.job-spoiled");
  EXPECT_EQ(makeCard(office, card).error().code, "perso.no-job");
}

TEST_F(StationTest, MailsAndSpoils) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  ASSERT_TRUE(makeCard(office, card).has_value());
  auto directory = WorkDirectory::open(folder_);
  ProductionClient client(office.url(), {}, messages::Language::English);
  Station station(card.readers(), "", client, *directory, *this);
  EXPECT_TRUE(station.mail("job-1", "12345678901234567890").has_value());
  EXPECT_EQ(office.jobs.at("job-1").mailNumber, "12345678901234567890");
  EXPECT_EQ(station.spoil("job-1", "lost in the mail"), "job-2");
}

TEST_F(StationTest, MailsTheSameCardWhenTheAnswersWereLost) {
  constexpr int kChecked = 3;
  for (const int call : {kChecked, kChecked + 1}) {
    FakeOffice office;
    office.addJob(kCardNumber);
    office.addJob("AB12345678901235");
    TestCard card;
    office.failCall(call, FakeOffice::Fault::AfterIt);
    ASSERT_FALSE(makeCard(office, card, "12345678901234567890").has_value());
    const auto job = makeCard(office, card, "12345678901234567890");
    ASSERT_TRUE(job.has_value()) << job.error().code;
    EXPECT_EQ(job->state, "mailed");
    EXPECT_EQ(office.jobs.at("job-1").mailNumber, "12345678901234567890");
    EXPECT_EQ(office.jobs.at("job-2").state, "claimed");
    EXPECT_EQ(office.claims.size(), 1U);
  }
}

TEST_F(StationTest, ForgetsTheJobThatItSpoils) {
  FakeOffice office;
  office.addJob(kCardNumber);
  TestCard card;
  card.cutAt(20, TestCard::Cut::AfterIt);
  ASSERT_FALSE(makeCard(office, card).has_value());
  {
    auto directory = WorkDirectory::open(folder_);
    ProductionClient client(office.url(), {}, messages::Language::English);
    Station station(card.readers(), "", client, *directory, *this);
    ASSERT_TRUE(station.spoil("job-1", "chip damaged").has_value());
  }
  TestCard next;
  const auto job = makeCard(office, next);
  ASSERT_TRUE(job.has_value()) << job.error().code;
  EXPECT_EQ(job->jobId, "job-2");
}

TEST_F(StationTest, GivesTheServersSentence) {
  FakeOffice office;
  office.addJob(kCardNumber);
  office.failCall(0, FakeOffice::Fault::BeforeIt);
  TestCard card;
  const auto job = makeCard(office, card);
  ASSERT_FALSE(job.has_value());
  EXPECT_EQ(job.error().code, "server.busy");
  EXPECT_EQ(job.error().sentence, "stated");
}

}  // namespace
}  // namespace fncard::server::personalisation
