// SPDX-License-Identifier: Apache-2.0
// The reader's side and the control socket, against a reader driver played by the test.
#include "tests/hw-sim/reader_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

TEST_F(Reader, GetsAtrAndAnswers) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange("04"), "3B8C018073C001C056666E6361726435");
  EXPECT_EQ(reader.exchange("00200080"), "63C3");
}

TEST_F(Reader, PowerAndResetEndTheSession) {
  start();
  insertAndPowerOn();
  for (const char* event : {"02", "00"}) {
    EXPECT_EQ(reader.exchange(kSelect).substr(0, 2), "61");
    EXPECT_EQ(reader.exchange(kRightPin), "9000");
    reader.send(event);
    EXPECT_EQ(reader.exchange("00200080"), "6D00");
  }
}

TEST_F(Reader, MayGoAndComeBack) {
  start();
  insertAndPowerOn();
  reader.hangUp();
  insertAndPowerOn();
}

TEST_F(Reader, MaySendRubbish) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange("FF"), "6700");
  reader.sendRaw("0000");
  EXPECT_EQ(reader.receive(), "6700");
  reader.sendRaw("0010 00");  // the rest never comes
  reader.hangUp();
  insertAndPowerOn();
}

TEST_F(Reader, TheCardIsTakenOutAndPutInByTheControlSocket) {
  start();
  insertAndPowerOn();
  std::thread driver([this] {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
  });
  EXPECT_EQ(control("remove"), "ok");
  driver.join();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(control("remove"), "error there is no card in the reader");
  EXPECT_EQ(control("insert"), "ok");
  EXPECT_EQ(control("insert"), "error there is a card already");
  insertAndPowerOn();
  EXPECT_NE(control("status").find("inserted=yes connected=yes powered=yes"), std::string::npos);
}

TEST_F(Reader, ACommandBeforeTheRemovalIsNotDone) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(control("fault before 2 remove"), "ok");
  EXPECT_EQ(reader.exchange(kWrongPin), "63C2");
  reader.send(kWrongPin);
  expectRemovedInCommand();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(StateFile(options.cardFile).load()->pin.triesLeft, 2U);
}

TEST_F(Reader, ACommandWhoseAnswerIsLostIsDone) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(control("fault after 1 remove"), "ok");
  reader.send(kWrongPin);
  expectRemovedInCommand();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(StateFile(options.cardFile).load()->pin.triesLeft, 2U);
}

TEST_F(Reader, ResetIsNotSeenByTheReaderButTheCardForgets) {
  start();
  insertAndPowerOn();
  reader.exchange(kRightPin);
  EXPECT_EQ(control("reset"), "ok");
  EXPECT_EQ(reader.exchange("00200080"), "6D00");
}

TEST_F(Reader, RefusesControlLinesThatItDoesNotKnow) {
  start();
  for (const char* line : {"", "eject", "remove-after 1", "fault", "fault after remove", "swap",
                           "swap none.json", "unplug", "plug", "faults none"}) {
    EXPECT_TRUE(control(line).starts_with("error ")) << line;
  }
}

TEST_F(Reader, BeginsWithoutACard) {
  const std::string file = std::exchange(options.cardFile, "");
  start();
  EXPECT_EQ(control("insert"), "error no card file was named yet");
  EXPECT_TRUE(control("insert " + file + ".none").starts_with("error the card file"));
  EXPECT_EQ(control("insert " + file), "ok");
  insertAndPowerOn();
}

TEST_F(Reader, TheLogHasTheExchangesAndNoPin) {
  start();
  insertAndPowerOn();
  reader.exchange(kRightPin);
  const std::string text = log();
  EXPECT_NE(text.find("# power on, ATR 3B8C"), std::string::npos);
  EXPECT_NE(text.find("> 00200080** < 9000\n"), std::string::npos);
  EXPECT_EQ(text.find("313233343536"), std::string::npos);
}

TEST_F(Reader, ACardFileThatIsNoneIsRefusedAtTheStart) {
  options.cardFile = folder.path() / "none.json";
  EXPECT_FALSE(Simulator(options).start());
}

}  // namespace
}  // namespace fncard::hw_sim::testing
