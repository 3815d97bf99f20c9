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

// §3.2.1.1: a mismatch is 63CX, also the one that spends the last try; §3.2.1: with no try left
// whatever data is presented is 6983, and the question without data is still answered 63CX
TEST_F(Verify, CountsDownToBlockedAndTheRightPinDoesNotHelpThen) {
  EXPECT_EQ(send(kWrongPin), "63C2");
  EXPECT_EQ(send(kWrongPin), "63C1");
  EXPECT_EQ(send(kWrongPin), "63C0");
  EXPECT_EQ(send(kRightPin), "6983");
  EXPECT_EQ(send("00200080 08 3132333435FFFFFF"), "6983");
  EXPECT_EQ(send(kAskPin), "63C0");
  EXPECT_EQ(card.state().pin.triesLeft, 0U);
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
  EXPECT_EQ(send("00200080 06 313233343536"), "6A80");  // not padded
  EXPECT_EQ(send("00200080 09 313233343536FFFFFF"), "6A80");
  EXPECT_EQ(send(kAskPin), "63C3");
}

// §3.2.1.1: 6A80 leaves the security status as it is
TEST_F(Verify, AMalformedPinDoesNotEndTheVerifiedState) {
  send(kRightPin);
  EXPECT_EQ(send("00200080 08 3132333435FFFFFF"), "6A80");
  EXPECT_EQ(send(kAskPin), "9000");
}

// §3.2.1: what fails for its key reference or P1 changes neither status nor counter
TEST_F(Verify, AWrongKeyReferenceOrP1ChangesNothing) {
  send(kRightPin);
  for (const char* wrong : {"00200000 08 363636363636FFFF", "00200081 08 363636363636FFFF",
                            "00200180 08 363636363636FFFF", "0020FF00"}) {
    send(wrong);
    EXPECT_EQ(send(kAskPin), "9000") << wrong;
  }
  EXPECT_EQ(card.state().pin.triesLeft, 3U);
}

// §3.2.1.1: success sets the counter to its reset retry value, whatever it was
TEST(VerifyLimit, TheCounterGoesBackToTheCardsOwnLimit) {
  CardState state = blankCard(true);
  state.pin.triesLimit = 8;
  state.pin.triesLeft = 1;
  MemoryStore store;
  SimulatedCard card(std::move(state), store);
  card.transmit(hex(kSelect));
  EXPECT_EQ(wire::toHex(card.transmit(hex(kRightPin))), "9000");
  EXPECT_EQ(wire::toHex(card.transmit(hex(kWrongPin))), "63C7");
}

TEST_F(Verify, KnowsOnlyTheCardsPin) {
  EXPECT_EQ(send("00200000 08 313233343536FFFF"), "6A88");
  EXPECT_EQ(send("00200081 08 3132333435363738"), "6A88");  // the PUK is not verified
  EXPECT_EQ(send("00200180 08 313233343536FFFF"), "6A86");
}

// §3.2.1: P1 = FF sets the security status to FALSE and leaves the counter
TEST_F(Verify, P1FFForgetsThePinAndLeavesTheCounter) {
  send(kWrongPin);
  EXPECT_EQ(send("0020FF80"), "9000");
  EXPECT_EQ(send(kAskPin), "63C2");
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
  EXPECT_EQ(send("00240080 0E 313233343536 3635343332313030"), "6A80");
  EXPECT_EQ(send("00240081 08 3132333435363738"), "6A80");
  EXPECT_EQ(card.state().puk.triesLeft, 3U);
  EXPECT_EQ(send(kAskPin), "63C3");
  EXPECT_EQ(send(kRightPin), "9000");
}

// §3.2.2: success sets the status to TRUE, 63CX to FALSE, 6A80 leaves it
TEST_F(ChangeReferenceData, SetsTheSecurityStatusOfThePin) {
  EXPECT_EQ(send("00240080 10 313233343536FFFF 313131313131FFFF"), "9000");
  EXPECT_EQ(send(kAskPin), "9000");
  EXPECT_EQ(send("00240080 10 313131313131FFFF 3132333435FFFFFF"), "6A80");
  EXPECT_EQ(send(kAskPin), "9000");
  EXPECT_EQ(send("00240080 10 363636363636FFFF 313131313131FFFF"), "63C2");
  EXPECT_EQ(send(kAskPin), "63C2");
}

// §3.2.2: success sets the counter to its reset retry value
TEST_F(ChangeReferenceData, RestoresTheCounter) {
  send(kWrongPin);
  send(kWrongPin);
  EXPECT_EQ(send("00240080 10 313233343536FFFF 313131313131FFFF"), "9000");
  EXPECT_EQ(card.state().pin.triesLeft, 3U);
}

TEST_F(ChangeReferenceData, OfThePukLeavesThePinsStatus) {
  send(kRightPin);
  EXPECT_EQ(send("00240081 10 3030303030303030 3030303030303031"), "63C2");
  EXPECT_EQ(send("00240081 10 3132333435363738 3030303030303031"), "9000");
  EXPECT_EQ(send(kAskPin), "9000");
}

TEST_F(ChangeReferenceData, AWrongOldPinCostsATryAndChangesNothing) {
  EXPECT_EQ(send("00240080 10 363636363636FFFF 313131313131FFFF"), "63C2");
  EXPECT_EQ(send(kRightPin), "9000");
}

TEST_F(ChangeReferenceData, TheWrongOldPinThreeTimesBlocks) {
  send(kWrongPin);
  send(kWrongPin);
  EXPECT_EQ(send("00240080 10 363636363636FFFF 313131313131FFFF"), "63C0");
  EXPECT_EQ(send("00240080 10 313233343536FFFF 313131313131FFFF"), "6983");
  EXPECT_EQ(send("00240080 10 313233343536FFFF 3132333435FFFFFF"), "6983");
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
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C0");
  EXPECT_EQ(send("002C0080 10 3132333435363738 313131313131FFFF"), "6983");
  EXPECT_EQ(send("00240081 10 3132333435363738 3132333435363739"), "6983");
}

TEST_F(ResetRetryCounter, AMalformedNewPinIsRefusedAndCostsNoTry) {
  EXPECT_EQ(send("002C0080 10 3132333435363738 3131313131FFFFFF"), "6A80");
  EXPECT_EQ(card.state().puk.triesLeft, 3U);
  EXPECT_EQ(send("002C0080 08 3132333435363738"), "6A80");
  EXPECT_EQ(send("002C0081 10 3132333435363738 313131313131FFFF"), "6A88");
  EXPECT_EQ(send("002C0180 10 3132333435363738 313131313131FFFF"), "6A86");
  EXPECT_EQ(card.state().puk.triesLeft, 3U);
}

// §3.2.3: success and 6A80 leave the PIN's security status, a wrong PUK ends it
TEST_F(ResetRetryCounter, OnlyAWrongPukEndsTheVerifiedState) {
  send(kRightPin);
  EXPECT_EQ(send("002C0080 10 3132333435363738 3131313131FFFFFF"), "6A80");
  EXPECT_EQ(send(kAskPin), "9000");
  EXPECT_EQ(send("002C0080 10 3132333435363738 313131313131FFFF"), "9000");
  EXPECT_EQ(send(kAskPin), "9000");
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C2");
  EXPECT_EQ(send(kAskPin), "63C3");
}

TEST_F(ResetRetryCounter, AdministrationAloneDoesNotResetThePin) {
  authenticateManagement();
  EXPECT_EQ(send("002C0080 10 3030303030303030 313131313131FFFF"), "63C2");
}

}  // namespace
}  // namespace fncard::hw_sim::testing
