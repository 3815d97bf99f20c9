// SPDX-License-Identifier: Apache-2.0
// The promise of docs/activation.md: whatever stops a run, and wherever, the same command finishes
// the job, the card holds the person's PIN and no try is missing.
#include <gtest/gtest.h>

#include "tests/card/activation/fake_issuer.h"

namespace fncard::card::activation {
namespace {

constexpr Cut::Where kBoth[] = {Cut::Where::Before, Cut::Where::After};

/// Exchanges and calls of a run that nothing stops.
int stepsOfAWholeRun() {
  Scene scene;
  EXPECT_TRUE(scene.activate().has_value());
  return scene.cut.passed;
}

/// A run that is cut. It may end well when only the last answer was lost and asked for again.
void runCut(Scene& scene, int at, Cut::Where where) {
  scene.cut = {.at = at, .where = where};
  const auto outcome = scene.activate();
  if (!outcome) {
    EXPECT_TRUE(outcome.error().resumable) << outcome.error().code;
  }
  scene.cut = {};
}

void expectFinished(Scene& scene) {
  const auto outcome = scene.activate();
  ASSERT_TRUE(outcome.has_value()) << outcome.error().code;
  EXPECT_TRUE(scene.holdsPersonsPin());
  EXPECT_EQ(scene.issuer.current, TransactionState::Done);
  EXPECT_EQ(scene.issuer.tamperReports, 0);
  EXPECT_EQ(scene.card->pinTries, testing::MemoryCard::kMaxTries);
}

TEST(Interruption, OneAnywhereIsMadeGoodByTheNextRun) {
  const int steps = stepsOfAWholeRun();
  ASSERT_GT(steps, 10);
  for (int at = 0; at < steps; ++at) {
    for (const auto where : kBoth) {
      SCOPED_TRACE(::testing::Message()
                   << "cut at " << at << (where == kBoth[0] ? " before" : " after"));
      Scene scene;
      runCut(scene, at, where);
      expectFinished(scene);
    }
  }
}

TEST(Interruption, AFurtherOneInTheRunThatMakesGoodIsMadeGoodToo) {
  const int steps = stepsOfAWholeRun() + 4;  // the second run may try two PINs
  for (int first = 0; first < steps; ++first) {
    for (int second = 0; second < steps; ++second) {
      for (const auto where : kBoth) {
        SCOPED_TRACE(::testing::Message() << "cut at " << first << " and " << second);
        Scene scene;
        runCut(scene, first, where);
        runCut(scene, second, where);
        expectFinished(scene);
      }
    }
  }
}

TEST(Interruption, AsManyAsOneLikesAtTheWorstPlaceNeverSpendTheLastTry) {
  const int steps = stepsOfAWholeRun() + 4;
  for (int at = 0; at < steps; ++at) {
    for (const auto where : kBoth) {
      SCOPED_TRACE(::testing::Message() << "always cut at " << at);
      Scene scene;
      for (int round = 0; round < 6; ++round) {
        runCut(scene, at, where);
        EXPECT_GE(scene.card->pinTries, 2U);
      }
      expectFinished(scene);
    }
  }
}

TEST(Interruption, AReceiptSentTwiceIsTheSameToTheIssuer) {
  Scene scene;
  const int steps = stepsOfAWholeRun();
  scene.issuer.silent = true;  // the lost answer cannot be asked for
  runCut(scene, steps - 1, Cut::Where::After);
  EXPECT_EQ(scene.issuer.commits, 1);
  const auto outcome = scene.activate();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->wasAlreadyActive);
}

TEST(Interruption, ALostAnswerToTheCommitIsAskedForAtOnce) {
  Scene scene;
  scene.cut = {.at = stepsOfAWholeRun() - 1, .where = Cut::Where::After};
  const auto outcome = scene.activate();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->wasAlreadyActive);
}

}  // namespace
}  // namespace fncard::card::activation
