// SPDX-License-Identifier: Apache-2.0
// What each fault does, as the reader's driver sees it.
#include "tests/hw-sim/reader_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr const char* kAskTries = "00200080";
constexpr const char* kReadObject = "00CB3FFF 05 5C035FC102 00";

class FaultyReader : public Reader {
 protected:
  FaultyReader() : otherFile(folder.path() / "other.json") {
    CardState state = blankCard(true);
    state.objects[0x5FC102] = hex("530401020304");
    EXPECT_TRUE(StateFile(options.cardFile).save(state));
    CardState other = blankCard(false);
    other.pin.triesLeft = 1;
    EXPECT_TRUE(StateFile(otherFile).save(other));
  }
  void with(const std::string& fault) { ASSERT_EQ(control("fault " + fault), "ok") << fault; }
  void startAndSelect() {
    start();
    insertAndPowerOn();
  }
  /// The driver's exchange fails, and it finds the card at once when it looks again.
  void expectInterrupted() {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
    insertAndPowerOn();
  }
  [[nodiscard]] unsigned triesOnFile() const {
    return StateFile(options.cardFile).load()->pin.triesLeft;
  }
  std::string otherFile;
};

TEST_F(FaultyReader, PowerCutBeforeACommandLeavesItUndone) {
  startAndSelect();
  with("before 1 power-cut");
  reader.send(kWrongPin);
  expectInterrupted();
  EXPECT_EQ(triesOnFile(), 3U);
}

TEST_F(FaultyReader, PowerCutAfterACommandLosesItsAnswerAndTheSession) {
  startAndSelect();
  with("after verify 1 power-cut");
  reader.send(kWrongPin);
  EXPECT_EQ(reader.receive(), "gone");
  reader.hangUp();
  ASSERT_TRUE(reader.accept());
  reader.send("01");
  EXPECT_EQ(reader.exchange(kAskTries), "6D00");
  EXPECT_EQ(triesOnFile(), 2U);
}

TEST_F(FaultyReader, PowerCutDuringACommandHappensAtTheWriteThatIsNamed) {
  startAndSelect();
  with("during 1 power-cut write 2");
  reader.send(kRightPin);  // lowers the counter, and would raise it again
  expectInterrupted();
  EXPECT_EQ(triesOnFile(), 2U);
  EXPECT_EQ(reader.exchange(kAskTries), "63C2");
  EXPECT_EQ(reader.exchange(kRightPin), "9000");
  EXPECT_EQ(triesOnFile(), 3U);
}

TEST_F(FaultyReader, ResetDuringACommandIsNoAnswerEither) {
  startAndSelect();
  with("during 1 reset");
  reader.send(kWrongPin);
  expectInterrupted();
  EXPECT_EQ(triesOnFile(), 3U);
}

TEST_F(FaultyReader, RemovalDuringACommandLeavesAnEmptyReader) {
  startAndSelect();
  with("during 1 remove write 1");
  reader.send(kWrongPin);
  expectRemovedInCommand();
  EXPECT_EQ(triesOnFile(), 3U);
}

TEST_F(FaultyReader, ResetBeforeACommandMakesTheCardForgetAndAnswer) {
  startAndSelect();
  with("before 1 reset");
  EXPECT_EQ(reader.exchange(kAskTries), "6D00");
}

TEST_F(FaultyReader, ResetAfterACommandComesBehindItsAnswer) {
  startAndSelect();
  with("after 1 reset");
  EXPECT_EQ(reader.exchange(kRightPin), "9000");
  EXPECT_EQ(reader.exchange(kAskTries), "6D00");
}

TEST_F(FaultyReader, AStatusWordAtWillKeepsTheCommandFromTheCard) {
  startAndSelect();
  for (const char* status : {"6F00", "6581", "6982"}) {
    with(std::string("at verify 1 status ") + status);
    EXPECT_EQ(reader.exchange(kWrongPin), status);
  }
  EXPECT_EQ(triesOnFile(), 3U);
}

TEST_F(FaultyReader, AnAnswerAtWillMayBeAnything) {
  startAndSelect();
  with("at get-data 1 answer 5300AB");
  EXPECT_EQ(reader.exchange(kReadObject), "5300AB");
}

TEST_F(FaultyReader, ATruncatedAnswerEndsWhereItIsCut) {
  startAndSelect();
  with("at 1 truncate 4");
  EXPECT_EQ(reader.exchange(kReadObject), "53040102");
  with("at 1 truncate 1");
  EXPECT_EQ(reader.exchange(kReadObject), "53");
}

TEST_F(FaultyReader, AnOversizedAnswerIsAsLargeAsTheLinkTakes) {
  startAndSelect();
  with("at 1 oversize");
  const std::string answer = reader.exchange(kReadObject);
  EXPECT_EQ(answer.size(), 2 * 65'535U);
  EXPECT_TRUE(answer.starts_with("530401020304"));
  EXPECT_EQ(statusOf(answer), "9000");
  with("at 1 oversize 300");
  EXPECT_EQ(reader.exchange(kReadObject).size(), 2 * 300U);
}

TEST_F(FaultyReader, NonsenseIsTheSameEachTimeAndNoAnswerOfTheCard) {
  startAndSelect();
  with("at 1 nonsense");
  with("at 2 nonsense");
  const std::string first = reader.exchange(kReadObject);
  EXPECT_EQ(reader.exchange(kReadObject), first);
  EXPECT_EQ(statusOf(first), "0017");
}

TEST_F(FaultyReader, AnEndlessAnswerEndsWithTheNextOtherCommand) {
  startAndSelect();
  with("at 1 endless");
  EXPECT_EQ(statusOf(reader.exchange(kReadObject)), "61FF");
  for (int i = 0; i < 20; ++i) {
    const std::string more = reader.exchange("00C00000 FF");
    ASSERT_EQ(statusOf(more), "61FF");
    ASSERT_EQ(more.size(), 2 * 257U);
  }
  EXPECT_EQ(reader.exchange(kAskTries), "63C3");
  EXPECT_EQ(reader.exchange("00C00000 FF"), "6985");
}

TEST_F(FaultyReader, AMuteCommandWaitsUntilTheCardIsTakenOut) {
  startAndSelect();
  with("at verify 1 mute");
  reader.send(kRightPin);
  untilStatusHas("apdus=2 ");
  EXPECT_FALSE(reader.hasInput());
  std::thread driver([this] { expectRemovedInCommand(); });
  EXPECT_EQ(control("remove"), "ok");
  driver.join();
}

TEST_F(FaultyReader, AReaderThatGivesUpAMuteCommandMayComeBack) {
  startAndSelect();
  with("at verify 1 mute");
  reader.send(kRightPin);
  untilStatusHas("apdus=2 ");
  reader.hangUp();
  insertAndPowerOn();
}

TEST_F(FaultyReader, ADelayedAnswerComesLaterAndIsOtherwiseAsEver) {
  std::atomic<std::int64_t> now = 0;
  options.clock = [&] { return SimulatorClock::time_point(std::chrono::milliseconds(now.load())); };
  startAndSelect();
  with("at verify 1 delay 3000");
  reader.send(kRightPin);
  untilStatusHas("apdus=2 ");
  now = 2'999;
  EXPECT_TRUE(control("status").starts_with("ok"));
  EXPECT_FALSE(reader.hasInput());
  now = 3'000;
  EXPECT_TRUE(control("status").starts_with("ok"));
  EXPECT_EQ(reader.receive(), "9000");
}

TEST_F(FaultyReader, ASwappedCardIsARemovalAndAnInsertion) {
  startAndSelect();
  std::thread driver([this] { expectRemovedInCommand(); });
  EXPECT_EQ(control("swap " + otherFile), "ok");
  driver.join();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange(kAskTries), "63C1");
  EXPECT_NE(control("status").find("file=" + otherFile), std::string::npos);
}

TEST_F(FaultyReader, ACardSwappedSilentlyHasNoSessionAndNoEvent) {
  startAndSelect();
  reader.exchange(kRightPin);
  EXPECT_EQ(control("swap-silently " + otherFile), "ok");
  EXPECT_EQ(reader.exchange(kAskTries), "6D00");
  EXPECT_EQ(statusOf(reader.exchange(kSelect)), "9000");
  EXPECT_EQ(reader.exchange(kAskTries), "63C1");
}

TEST_F(FaultyReader, TheCardIsSwappedBehindTheAnswerOrBeforeTheCommand) {
  startAndSelect();
  with("after 1 swap " + otherFile);
  EXPECT_EQ(reader.exchange(kAskTries), "63C3");
  expectRemovedInCommand();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange(kAskTries), "63C1");
  with("before 1 swap " + options.cardFile);
  reader.send(kAskTries);
  expectRemovedInCommand();
  insertAndPowerOn();
  with("before 1 swap-silently " + otherFile);
  EXPECT_EQ(reader.exchange(kAskTries), "6D00");
}

TEST_F(FaultyReader, ASwapWithoutAUsableCardChangesNothingByHandAndEmptiesTheReaderAsAFault) {
  startAndSelect();
  EXPECT_TRUE(control("swap none.json").starts_with("error the card file none.json"));
  EXPECT_EQ(reader.exchange(kAskTries), "63C3");
  with("before 1 swap none.json");
  reader.send(kAskTries);
  expectRemovedInCommand();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
}

TEST_F(FaultyReader, AnUnknownCardKnowsNothingOfOurs) {
  options.cardFile.clear();
  start();
  EXPECT_EQ(control("insert-unknown"), "ok");
  ASSERT_TRUE(reader.accept());
  reader.send("01");
  EXPECT_EQ(reader.exchange("04"), "3B800181");
  EXPECT_EQ(reader.exchange(kSelect), "6A82");
  EXPECT_EQ(reader.exchange(kReadObject), "6D00");
  EXPECT_EQ(reader.exchange(kRightPin), "6D00");
}

TEST_F(FaultyReader, AMuteCardIsThereAndGivesNoAnswerToReset) {
  options.cardFile.clear();
  start();
  EXPECT_EQ(control("insert-mute"), "ok");
  ASSERT_TRUE(reader.accept());
  EXPECT_EQ(reader.exchange("04"), "3B");  // only to say that something is there
  reader.send("01");
  reader.send("04");
  EXPECT_EQ(reader.receive(), "gone");
  reader.hangUp();
  ASSERT_TRUE(reader.accept());
  EXPECT_EQ(reader.exchange("04"), "3B");
}

TEST_F(FaultyReader, UnpluggingIsMarkedForTheDriver) {
  options.readerMark = folder.path() / "unplugged";
  startAndSelect();
  std::thread driver([this] {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
  });
  EXPECT_EQ(control("unplug"), "ok");
  driver.join();
  EXPECT_TRUE(std::filesystem::exists(options.readerMark));
  EXPECT_EQ(control("plug"), "ok");
  EXPECT_FALSE(std::filesystem::exists(options.readerMark));
  insertAndPowerOn();
}

TEST_F(FaultyReader, FaultsAreListedAndClearedAndOutliveTheCard) {
  options.faults = {*faultFromLine("at 9 mute")};
  startAndSelect();
  with("before verify 2 remove");
  EXPECT_EQ(control("faults"), "ok 2 pending: at 8 mute; before verify 2 remove");
  std::thread driver([this] {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
  });
  EXPECT_EQ(control("remove"), "ok");
  driver.join();
  EXPECT_EQ(control("faults"), "ok 2 pending: at 8 mute; before verify 2 remove");
  EXPECT_EQ(control("faults clear"), "ok");
  EXPECT_EQ(control("faults"), "ok 0 pending");
}

TEST_F(FaultyReader, TheLogTellsOfFaultsAndKeepsSecretsMasked) {
  CardState state = blankCard(true);
  state.keys.insert_or_assign(0x9D, p256Key());
  ASSERT_TRUE(StateFile(options.cardFile).save(state));
  startAndSelect();
  EXPECT_EQ(reader.exchange(kRightPin), "9000");
  const std::string agree =
      "0087119D 47 7C45 8200 8541" + wire::toHex(p256Key().publicPoint()) + "00";
  const std::string secret = reader.exchange(agree).substr(8, 64);
  for (const char* fault : {"truncate 20", "truncate 1", "oversize 400"}) {
    with(std::string("at 1 ") + fault);
    reader.exchange(agree);
  }
  with("after 1 power-cut");
  reader.send(kRightPin);
  expectInterrupted();
  const std::string text = log();
  EXPECT_NE(text.find("# fault: at 1 truncate 20\n> 0087119D"), std::string::npos);
  EXPECT_NE(text.find("# fault: after 1 power-cut\n> 00200080** <\n# power cut\n"),
            std::string::npos);
  EXPECT_EQ(text.find("313233343536"), std::string::npos);
  EXPECT_EQ(text.find(secret.substr(0, 8)), std::string::npos);
  EXPECT_EQ(text.find(secret.substr(56)), std::string::npos);
  EXPECT_NE(text.find(" < **\n"), std::string::npos);
}

}  // namespace
}  // namespace fncard::hw_sim::testing
