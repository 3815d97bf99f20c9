// SPDX-License-Identifier: Apache-2.0
// Each race between the list of readers and the wait, on the scripted PC/SC library.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "card/reader.h"
#include "tests/card/pcsc/scripted_pcsc.h"

namespace fncard::card {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ScriptedPcsc;
using Readers = std::vector<ReaderState>;

constexpr DWORD kAnHour = 3'600'000;

class Events : public ::testing::Test {
 protected:
  void SetUp() override {
    pc_.reset();
    service_ = makePcscService();
  }
  void TearDown() override {
    service_.reset();
    pc_.reset();
  }

  Readers now() { return service_->readers().value_or(Readers()); }
  Result<Readers> wait(const Readers& known) { return service_->waitForChange(known, hours(48)); }
  std::future<Result<Readers>> waitInThread(Readers known) {
    return std::async(std::launch::async, [this, known] { return wait(known); });
  }

  ScriptedPcsc& pc_ = ScriptedPcsc::instance();
  std::unique_ptr<ReaderService> service_;
};

TEST_F(Events, AnInsertionDuringTheWaitIsTold) {
  pc_.addReader("A");
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  pc_.insertCard("A");
  const auto after = waiting.get();
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->front().cardPresent);
}

TEST_F(Events, AnInsertionBetweenTheListAndTheWaitIsTold) {
  pc_.addReader("A");
  pc_.before("wait", [&] { pc_.insertCard("A"); });
  EXPECT_TRUE(wait(now())->front().cardPresent);
}

TEST_F(Events, ACardSwappedBetweenTheListAndTheWaitIsToldByItsCount) {
  pc_.addReader("A");
  pc_.insertCard("A");
  pc_.before("wait", [&] {
    pc_.removeCard("A");
    pc_.insertCard("A");
  });
  const auto after = wait(now());
  EXPECT_TRUE(after->front().cardPresent);
  EXPECT_EQ(after->front().eventCount, 3U);
}

TEST_F(Events, WhatHappensUnseenInAReaderWithoutACountIsToldAtTheNextLook) {
  pc_.countReaderEvents();
  pc_.addReader("A");
  pc_.before("wait", [&] {
    pc_.insertCard("A");
    pc_.removeCard("A");
  });
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  EXPECT_LE(pc_.waitLimits().back(), 100U);
  pc_.letTimePass();
  EXPECT_EQ(waiting.get()->front().eventCount, 2U);
}

TEST_F(Events, AReaderThatComesBetweenTheListAndTheWaitIsToldAtTheNextLook) {
  pc_.addReader("A");
  pc_.before("wait", [&] { pc_.addReader("B"); });
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  pc_.letTimePass();
  EXPECT_EQ(waiting.get()->size(), 2U);
}

TEST_F(Events, AReaderThatComesBetweenTheListAndTheWaitIsToldAtOnceWhereReadersAreCounted) {
  pc_.countReaderEvents();
  pc_.before("wait", [&] { pc_.addReader("B"); });
  EXPECT_EQ(wait({})->size(), 1U);
}

TEST_F(Events, AWaitInWhichNothingCanBeMissedSleepsUntilSomethingHappens) {
  pc_.countReaderEvents();
  pc_.addReader("A");
  pc_.insertCard("A");
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  EXPECT_GT(pc_.waitLimits().back(), kAnHour);
  pc_.addReader("B");
  EXPECT_EQ(waiting.get()->size(), 2U);
  EXPECT_EQ(pc_.count("wait"), 1);
}

TEST_F(Events, TheLooksBecomeEverRarer) {
  pc_.addReader("A");
  auto waiting = waitInThread(now());
  for (int i = 0; i < 12; ++i) {
    pc_.untilAsleep();
    pc_.letTimePass();
  }
  pc_.untilAsleep();
  const auto limits = pc_.waitLimits();
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(limits[i], 100U << i);
  }
  EXPECT_EQ(limits.back(), 60'000U);
  pc_.removeReader("A");
  EXPECT_TRUE(waiting.get()->empty());
}

TEST_F(Events, AReaderUnpluggedDuringOrBeforeTheWaitIsTold) {
  pc_.addReader("A");
  pc_.addReader("B");
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  pc_.removeReader("B");
  EXPECT_EQ(waiting.get()->size(), 1U);
  pc_.before("wait", [&] { pc_.removeReader("A"); });
  EXPECT_TRUE(wait(now())->empty());
}

TEST_F(Events, AReaderUnpluggedWhileTheListIsReadIsNoError) {
  pc_.addReader("A");
  pc_.addReader("B");
  pc_.before("SCardGetStatusChange", [&] { pc_.removeReader("B"); });
  EXPECT_EQ(now().size(), 1U);
}

TEST_F(Events, ACancelEndsASleepingWait) {
  auto waiting = waitInThread({});
  pc_.untilAsleep();
  service_->cancelWait();
  EXPECT_EQ(waiting.get().error().code, ErrorCode::Cancelled);
}

TEST_F(Events, ACancelThatTheLibraryLosesIsSaidAgain) {
  std::promise<void> firstLost;
  std::thread canceller;
  pc_.before("SCardCancel", [] {});
  pc_.before("SCardCancel", [&] { firstLost.set_value(); });
  pc_.before("wait", [&] {
    canceller = std::thread([&] { service_->cancelWait(); });
    firstLost.get_future().wait();
  });
  EXPECT_EQ(wait({}).error().code, ErrorCode::Cancelled);
  canceller.join();
  EXPECT_GE(pc_.lostCancels(), 1);
}

TEST_F(Events, ACancelBeforeOrOutsideTheLibrarysWaitNeedsNoSCardCancel) {
  service_->cancelWait();
  EXPECT_EQ(wait({}).error().code, ErrorCode::Cancelled);
  pc_.before("SCardListReaders", [&] { service_->cancelWait(); });
  EXPECT_EQ(wait({}).error().code, ErrorCode::Cancelled);
  EXPECT_EQ(pc_.count("SCardCancel"), 0);
}

TEST_F(Events, AContextThatWasCancelledIsNotUsedAgain) {
  auto waiting = waitInThread({});
  pc_.untilAsleep();
  service_->cancelWait();
  waiting.get();
  EXPECT_EQ(pc_.openContexts(), 0);
  waiting = waitInThread({});
  pc_.untilAsleep();
  pc_.addReader("A");
  EXPECT_EQ(waiting.get()->size(), 1U);
}

TEST_F(Events, AServiceThatGoesEndsTheWaitAndTheNextOneWorksOnceItIsBack) {
  pc_.addReader("A");
  const Readers known = now();
  auto waiting = waitInThread(known);
  pc_.untilAsleep();
  pc_.stopService();
  EXPECT_EQ(waiting.get().error().code, ErrorCode::NoService);
  EXPECT_EQ(service_->readers().error().code, ErrorCode::NoService);
  pc_.startService();
  pc_.insertCard("A");
  EXPECT_TRUE(wait(known)->front().cardPresent);
  EXPECT_TRUE(now().front().cardPresent);
}

TEST_F(Events, AServiceStartedAnewDuringTheWaitIsNotNoticed) {
  pc_.addReader("A");
  auto waiting = waitInThread(now());
  pc_.untilAsleep();
  pc_.before("SCardEstablishContext", [&] { pc_.startService(); });
  pc_.stopService();
  pc_.untilAsleep();
  pc_.insertCard("A");
  EXPECT_TRUE(waiting.get()->front().cardPresent);
}

TEST_F(Events, MoreReadersThanOneCallTakesAreAllListedAndWatched) {
  for (int i = 0; i < 20; ++i) {
    pc_.addReader("Reader " + std::to_string(i));
  }
  pc_.insertCard("Reader 19");
  const Readers known = now();
  ASSERT_EQ(known.size(), 20U);
  EXPECT_TRUE(known.back().cardPresent);
  auto waiting = waitInThread(known);
  for (int i = 0; i < 6; ++i) {
    pc_.untilAsleep();
    pc_.letTimePass();
  }
  pc_.untilAsleep();
  EXPECT_EQ(pc_.waitLimits().back(), 1'000U);
  pc_.removeCard("Reader 19");
  pc_.untilAsleep();
  pc_.letTimePass();
  EXPECT_FALSE(waiting.get()->back().cardPresent);
}

TEST_F(Events, NamesPassAsTheBytesThatTheyAre) {
  const std::string odd = "\xFF\xC0 \x01\n\"%s\" \xE8\xAE\x80";
  pc_.addReader(odd);
  pc_.insertCard(odd);
  EXPECT_EQ(now().front().name, odd);
  EXPECT_TRUE(service_->connect(odd).has_value());
}

TEST_F(Events, AWaitWithoutTimeLeftGivesTheListAsItIs) {
  pc_.addReader("A");
  const auto after = service_->waitForChange(now(), milliseconds(0));
  EXPECT_EQ(after->size(), 1U);
  EXPECT_EQ(pc_.count("wait"), 0);
}

}  // namespace
}  // namespace fncard::card
