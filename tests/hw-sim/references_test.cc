// SPDX-License-Identifier: Apache-2.0
// VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER: SP 800-73-4 part 2 §3.2.1 to §3.2.3.
#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr const char* kAskPin = "00200080";
constexpr const char* kPrinted = "00CB3FFF 05 5C035FC109 00";

using Verify = CardTest;

TEST_F(Verify, EmptyAsksForTheCounterAndThenForTheStatus) {
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send(kRightPin), "9000");
  EXPECT_EQ(send(kAskPin), "9000");
}

TEST_F(Verify, CountsDownToBlockedAndTheRightPinDoesNotHelpThen) {
  EXPECT_EQ(send(kWrongPin), "63C2");
  EXPECT_EQ(send(kWrongPin), "63C1");
  EXPECT_EQ(send(kWrongPin), "6983");
  EXPECT_EQ(send(kRightPin), "6983");
  EXPECT_EQ(send(kAskPin), "6983");
}

TEST_F(Verify, TheRightPinRestoresTheCounter) {
  send(kWrongPin);
  send(kWrongPin);
  EXPECT_EQ(send(kRightPin), "9000");
  EXPECT_EQ(send(kWrongPin), "63C2");
}

TEST_F(Verify, AWrongPinEndsTheVerifiedState) {
  send(kRightPin);
  send(kWrongPin);
  EXPECT_EQ(send(kAskPin), "63C2");
}

TEST_F(Verify, AMalformedPinIsRefusedAndCostsNoTry) {
  EXPECT_EQ(send("00200080 08 3132333435FFFFFF"), "6A80");  // five digits
  EXPECT_EQ(send("00200080 08 31323334353641FF"), "6A80");  // not a digit
  EXPECT_EQ(send("00200080 08 313233343536FF37"), "6A80");  // digits after the padding
  EXPECT_EQ(send("00200080 08 FFFFFFFFFFFFFFFF"), "6A80");
  EXPECT_EQ(send("00200080 06 313233343536"), "6700");
  EXPECT_EQ(send(kAskPin), "63C3");
}

TEST_F(Verify, KnowsOnlyTheCardsPin) {
  EXPECT_EQ(send("00200000 08 313233343536FFFF"), "6A88");
  EXPECT_EQ(send("00200081 08 3132333435363738"), "6A88");  // the PUK is not verified
  EXPECT_EQ(send("00200180 08 313233343536FFFF"), "6A86");
}

TEST_F(Verify, P1FFForgetsThePin) {
  send(kRightPin);
  EXPECT_EQ(send("0020FF80"), "9000");
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send("0020FF80 01 00"), "6A80");
}

TEST_F(Verify, TheCounterIsStoredBeforeTheComparison) {
  store.saved.clear();
  send(kRightPin);
  ASSERT_EQ(store.saved.size(), 2U);
  EXPECT_EQ(store.saved[0].pin.triesLeft, 2U);
  EXPECT_EQ(store.saved[1].pin.triesLeft, 3U);
}

TEST_F(Verify, WithoutMemoryNothingIsCompared) {
  store.failing = true;
  EXPECT_EQ(send(kRightPin), "6581");
  store.failing = false;
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send(kPrinted), "6982");
}

TEST_F(Verify, PowerAndResetEndTheVerifiedState) {
  send(kRightPin);
  card.reset();
  send(kSelect);
  EXPECT_EQ(send(kAskPin), "63C3");
  send(kRightPin);
  card.powerOff();
  card.powerOn();
  send(kSelect);
  EXPECT_EQ(send(kAskPin), "63C3");
}

using ChangeReferenceData = CardTest;

TEST_F(ChangeReferenceData, ReplacesThePin) {
  EXPECT_EQ(send("00240080 10 313233343536FFFF 3635343332313030"), "9000");
  EXPECT_EQ(send(kRightPin), "63C2");
  EXPECT_EQ(send("00200080 08 3635343332313030"), "9000");
}

TEST_F(ChangeReferenceData, AMalformedNewPinIsRefusedAndCostsNoTry) {
  EXPECT_EQ(send("00240080 10 363636363636FFFF 3132333435FFFFFF"), "6A80");
  EXPECT_EQ(send("00240080 10 313233343536FFFF 41424344454647FF"), "6A80");
  EXPECT_EQ(send("00240080 0E 313233343536 3635343332313030"), "6700");
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send(kRightPin), "9000");
}

TEST_F(ChangeReferenceData, AWrongOldPinCostsATryAndChangesNothing) {
  EXPECT_EQ(send("00240080 10 363636363636FFFF 313131313131FFFF"), "63C2");
  EXPECT_EQ(send(kRightPin), "9000");
}

TEST_F(ChangeReferenceData, TheWrongOldPinThreeTimesBlocks) {
  send(kWrongPin);
  send(kWrongPin);
  EXPECT_EQ(send("00240080 10 363636363636FFFF 313131313131FFFF"), "6983");
  EXPECT_EQ(send("00240080 10 313233343536FFFF 313131313131FFFF"), "6983");
}

TEST_F(ChangeReferenceData, ReplacesThePukOfAnyBytes) {
  EXPECT_EQ(send("00240081 10 3132333435363738 0001020304050607"), "9000");
  EXPECT_EQ(send("002C0080 10 3132333435363738 313131313131FFFF"), "63C2");
  EXPECT_EQ(send("002C0080 10 0001020304050607 313131313131FFFF"), "9000");
}

TEST_F(ChangeReferenceData, KnowsOnlyPinAndPuk) {
  EXPECT_EQ(send("00240000 10 313233343536FFFF 313131313131FFFF"), "6A88");
  EXPECT_EQ(send("00240180 10 313233343536FFFF 313131313131FFFF"), "6A86");
}

using ResetRetryCounter = CardTest;

TEST_F(ResetRetryCounter, UnblocksWithANewPinButDoesNotVerifyIt) {
  for (int i = 0; i < 3; ++i) {
    send(kWrongPin);
  }
  EXPECT_EQ(send("002C0080 10 3132333435363738 313131313131FFFF"), "9000");
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send("00200080 08 313131313131FFFF"), "9000");
}

TEST_F(ResetRetryCounter, CountsThePukDownAndBlocksIt) {
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C2");
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C1");
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "6983");
  EXPECT_EQ(send("002C0080 10 3132333435363738 313131313131FFFF"), "6983");
  EXPECT_EQ(send("00240081 10 3132333435363738 3132333435363739"), "6983");
}

TEST_F(ResetRetryCounter, AMalformedNewPinIsRefusedAndCostsNoTry) {
  EXPECT_EQ(send("002C0080 10 3132333435363738 3131313131FFFFFF"), "6A80");
  EXPECT_EQ(card.state().puk.triesLeft, 3U);
  EXPECT_EQ(send("002C0080 08 3132333435363738"), "6700");
  EXPECT_EQ(send("002C0081 10 3132333435363738 313131313131FFFF"), "6A88");
}

TEST_F(ResetRetryCounter, AdministrationAloneDoesNotResetThePin) {
  authenticateManagement();
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C2");
}

}  // namespace
}  // namespace fncard::hw_sim::testing
