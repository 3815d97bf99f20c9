// SPDX-License-Identifier: Apache-2.0
#include "card/activation/unblocking.h"

#include <gtest/gtest.h>

#include "messages/messages.h"
#include "tests/card/activation/fake_issuer.h"

namespace fncard::card::activation {
namespace {

constexpr Cut::Where kSides[] = {Cut::Where::Before, Cut::Where::After};

TEST(UnblockingCard, SetsThePersonsPinAndAnotherPuk) {
  for (const auto algorithm : {KeyAlgorithm::EcP256, KeyAlgorithm::EcP384, KeyAlgorithm::Rsa2048}) {
    UnblockingScene scene(algorithm);
    const auto card = scene.unblock();
    ASSERT_TRUE(card.has_value()) << card.error().code;
    EXPECT_EQ(card->cardNumber, kCardNumber);
    EXPECT_TRUE(scene.holdsPersonsPin());
    EXPECT_TRUE(scene.hasPuk(kNextPuk));
    EXPECT_EQ(scene.card->pinTries, testing::MemoryCard::kMaxTries);
    EXPECT_EQ(scene.card->pukTries, testing::MemoryCard::kMaxTries);
    EXPECT_EQ(scene.issuer.current, TransactionState::Done);
    EXPECT_EQ(scene.person.steps,
              (std::vector{Step::Begin, Step::CardProof, Step::Release, Step::SetPin, Step::Receipt,
                           Step::Commit, Step::Done}));
  }
}

TEST(UnblockingCard, OfAStoppedOneSendsNoPuk) {
  UnblockingScene scene;
  scene.issuer.current = TransactionState::Refused;
  const auto card = scene.unblock();
  ASSERT_FALSE(card.has_value());
  EXPECT_EQ(card.error().code, "unblocking.stopped");
  EXPECT_FALSE(card.error().resumable);
  EXPECT_EQ(scene.issuer.releases, 0U);
}

TEST(UnblockingCard, TheFirstTimeOnlyTheCurrentPukCanBeRight) {
  UnblockingScene scene;
  scene.card->puk.assign(8, '9');
  const auto card = scene.unblock();
  ASSERT_FALSE(card.has_value());
  EXPECT_EQ(card.error().code, "unblocking.puk-unknown");
  EXPECT_EQ(card.error().step, Step::SetPin);
  EXPECT_FALSE(card.error().resumable);
  EXPECT_EQ(scene.card->pukTries, 2U);
  EXPECT_EQ(scene.issuer.refusals, 1);
  EXPECT_EQ(scene.unblock().error().code, "unblocking.stopped");
  EXPECT_EQ(scene.card->pukTries, 2U) << "reported, so it is not tried again";
}

TEST(UnblockingCard, ACardWithNeitherPukKeepsATryOfIt) {
  for (const unsigned releases : {1U, 2U}) {
    for (const bool silent : {false, true}) {
      UnblockingScene scene;
      scene.card->puk.assign(8, '9');
      scene.issuer.releases = releases;
      scene.issuer.current = TransactionState::Released;
      scene.issuer.silent = silent;
      const auto card = scene.unblock();
      ASSERT_FALSE(card.has_value());
      EXPECT_EQ(card.error().code, "unblocking.puk-unknown");
      EXPECT_EQ(scene.card->pukTries, 1U);
      EXPECT_EQ(scene.issuer.refusals, silent ? 0 : 1);
    }
  }
}

TEST(UnblockingCard, TheLastTryOfThePukIsNotUsed) {
  UnblockingScene scene;
  scene.card->pukTries = 2;
  scene.card->puk.assign(8, '9');
  scene.issuer.releases = 1;
  scene.issuer.current = TransactionState::Released;
  const auto card = scene.unblock();
  ASSERT_FALSE(card.has_value());
  EXPECT_EQ(card.error().code, "unblocking.puk-last-try");
  EXPECT_EQ(card.error().triesLeft, 1U);
  EXPECT_EQ(scene.card->pukTries, 1U);
}

TEST(UnblockingCard, ABlockedPukIsSaidToBe) {
  UnblockingScene scene;
  scene.card->pukTries = 0;
  const auto card = scene.unblock();
  ASSERT_FALSE(card.has_value());
  EXPECT_EQ(card.error().code, "unblocking.puk-blocked");
  EXPECT_FALSE(card.error().resumable);
}

TEST(UnblockingCard, CancelledOrWeakLeavesNoTrace) {
  UnblockingScene scene;
  scene.person.pin = "12345678";
  EXPECT_EQ(scene.unblock().error().code, "card.pin-run");
  scene.person.cancels = true;
  EXPECT_EQ(scene.unblock().error().code, "card.cancelled");
  EXPECT_EQ(scene.issuer.current, TransactionState::Begun);
  EXPECT_EQ(scene.card->pinTries, 0U);
}

int stepsOfAnUnblocking() {
  UnblockingScene scene;
  EXPECT_TRUE(scene.unblock().has_value());
  return scene.cut.passed;
}

void runCut(UnblockingScene& scene, int at, Cut::Where where) {
  scene.cut = {.at = at, .where = where};
  if (const auto card = scene.unblock(); !card) {
    EXPECT_TRUE(card.error().resumable) << card.error().code;
  }
  scene.cut = {};
}

void expectFinished(UnblockingScene& scene) {
  if (scene.issuer.current != TransactionState::Done) {  // only the last answer was lost
    const auto card = scene.unblock();
    ASSERT_TRUE(card.has_value()) << card.error().code;
  }
  EXPECT_TRUE(scene.holdsPersonsPin());
  EXPECT_TRUE(scene.hasPuk(kNextPuk));
  EXPECT_EQ(scene.issuer.current, TransactionState::Done);
  EXPECT_EQ(scene.issuer.refusals, 0);
  EXPECT_EQ(scene.card->pinTries, testing::MemoryCard::kMaxTries);
  EXPECT_EQ(scene.card->pukTries, testing::MemoryCard::kMaxTries);
}

TEST(UnblockingInterruption, OneOrTwoAnywhereAreMadeGoodByTheNextRun) {
  const int steps = stepsOfAnUnblocking() + 2;  // a later run may try two PUKs
  ASSERT_GT(steps, 10);
  for (int first = 0; first < steps; ++first) {
    for (int second = -1; second < steps; ++second) {
      for (const auto where : kSides) {
        SCOPED_TRACE(::testing::Message() << "cut at " << first << " and " << second
                                          << (where == kSides[0] ? " before" : " after"));
        UnblockingScene scene;
        runCut(scene, first, where);
        if (second >= 0 && scene.issuer.current != TransactionState::Done) {
          runCut(scene, second, where);
        }
        expectFinished(scene);
      }
    }
  }
}

TEST(UnblockingInterruption, AsManyAsOneLikesAtTheWorstPlaceKeepATryOfThePuk) {
  const int steps = stepsOfAnUnblocking() + 2;
  for (int at = 0; at < steps; ++at) {
    for (const auto where : kSides) {
      SCOPED_TRACE(::testing::Message() << "always cut at " << at);
      UnblockingScene scene;
      for (int round = 0; round < 8 && scene.issuer.current != TransactionState::Done; ++round) {
        runCut(scene, at, where);
        EXPECT_GE(scene.card->pukTries, 1U);
      }
      expectFinished(scene);
    }
  }
}

TEST(UnblockingCard, EveryCodeOfItsOwnHasASentenceInEveryLanguage) {
  for (const auto language : messages::languages()) {
    for (const auto* code : {"unblocking.stopped", "unblocking.puk-unknown",
                             "unblocking.puk-last-try", "unblocking.puk-blocked"}) {
      EXPECT_TRUE(messages::has(language, code)) << messages::tag(language) << ' ' << code;
    }
  }
}

}  // namespace
}  // namespace fncard::card::activation
