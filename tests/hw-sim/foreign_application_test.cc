// SPDX-License-Identifier: Apache-2.0
// The application beside PIV: SP 800-73-4 part 2 §2.4.2 (application security status) and §3.1.1.
#include "hw-sim/foreign_application.h"

#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr const char* kSelectForeign = "00A40400 07 F0666E63617264 00";
constexpr const char* kAskForeignPin = "00200080";
constexpr const char* kRightForeignPin = "00200080 08 39393939FFFFFFFF";

using Foreign = CardTest;

TEST_F(Foreign, IsSelectedByItsNameAndKnowsNoPivCommand) {
  EXPECT_EQ(send(kSelectForeign), "9000");
  EXPECT_EQ(send("00CB3FFF 05 5C035FC102 00"), "6D00");
  EXPECT_EQ(send("0087119C 02 7C00"), "6D00");
  EXPECT_EQ(send("10DB3FFF 01 5C"), "6884");
  EXPECT_EQ(send("00200081 08 39393939FFFFFFFF"), "6A88");
}

TEST_F(Foreign, CountsThePinTriesOfItsOwnAndKeepsThemWithoutPower) {
  send(kSelectForeign);
  EXPECT_EQ(send(kRightPin), "63C2");
  EXPECT_EQ(send(kRightPin), "63C1");
  EXPECT_EQ(card.state().pin.triesLeft, 3U);
  card.powerOff();
  card.powerOn();
  send(kSelectForeign);
  EXPECT_EQ(send(kAskForeignPin), "63C1");
  EXPECT_EQ(send(kRightForeignPin), "9000");
  EXPECT_EQ(send(kAskForeignPin), "63C3");
  for (const char* expected : {"63C2", "63C1", "63C0", "6983"}) {
    EXPECT_EQ(send(kRightPin), expected);
  }
  EXPECT_EQ(send(kRightForeignPin), "6983");
  send(kSelect);
  EXPECT_EQ(send(kRightPin), "9000");
}

TEST_F(Foreign, SelectingItEndsEverySecurityStatusOfPiv) {
  send(kRightPin);
  authenticateManagement();
  send(kSelectForeign);
  send(kSelect);
  EXPECT_EQ(send(kAskForeignPin), "63C3");
  EXPECT_EQ(send("00DB3FFF 0A 5C035FC102 5303010203"), "6982");
}

TEST_F(Foreign, AnUnknownNameKeepsWhatIsSelected) {
  send(kSelectForeign);
  EXPECT_EQ(send("00A40400 08 A000000527471117 00"), "6A82");
  EXPECT_EQ(send("00CB3FFF 05 5C035FC102 00"), "6D00");
  EXPECT_EQ(send(kAskForeignPin), "63C3");
  EXPECT_EQ(send("00A40400 04 F0666E63 00"), "6A82");
}

TEST_F(Foreign, ResetLeavesNothingSelected) {
  send(kSelectForeign);
  card.reset();
  EXPECT_EQ(send(kAskForeignPin), "6D00");
  EXPECT_EQ(send("00A40400 08 A000000527471117 00"), "6A82");
  EXPECT_EQ(send("00A40000 02 3F00"), "6A86");
}

}  // namespace
}  // namespace fncard::hw_sim::testing
