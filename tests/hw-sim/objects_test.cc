// SPDX-License-Identifier: Apache-2.0
// SELECT, GET DATA, PUT DATA, GENERATE ASYMMETRIC KEY PAIR: SP 800-73-4 part 2 §3.1 and §3.3.
#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr const char* kReadChuid = "00CB3FFF 05 5C035FC102 00";
constexpr const char* kWriteChuid = "00DB3FFF 0A 5C035FC102 5303010203";

using Select = CardTest;

// Part 2 §3.1.1 and table 3: the complete AID with its version, whichever form was sent
TEST_F(Select, AnswersItsPropertiesForTheFullAndTheTruncatedName) {
  const std::string properties = "61164F0BA00000030800001000010079074F05A0000003089000";
  EXPECT_EQ(send(kSelect), properties);
  EXPECT_EQ(send("00A40400 0B A000000308000010000100 00"), properties);
  EXPECT_EQ(send("00A40400 05 A000000308 00"), properties);
}

TEST_F(Select, OtherApplicationsAreNotThere) {
  EXPECT_EQ(send("00A40400 08 A000000527471117 00"), "6A82");
  EXPECT_EQ(send("00A40400 04 A0000003 00"), "6A82");
  EXPECT_EQ(send("00A40400 0C A00000030800001000010000 00"), "6A82");
  EXPECT_EQ(send("00A40000 02 3F00"), "6A86");
}

TEST_F(Select, ChangesNoSecurityStatusAndNeitherDoesAFailedOne) {
  send(kRightPin);
  send(kSelect);
  EXPECT_EQ(send("00200080"), "9000");
  send("00A40400 08 A000000527471117 00");
  EXPECT_EQ(send("00200080"), "9000");
}

TEST_F(Select, BeforeItNothingElseIsUnderstood) {
  card.reset();
  EXPECT_EQ(send(kReadChuid), "6D00");
  EXPECT_EQ(send(kRightPin), "6D00");
}

TEST_F(Select, UnknownInstructionsAndClassesAreRefused) {
  EXPECT_EQ(send("00B00000 00"), "6D00");
  EXPECT_EQ(send("80CB3FFF 05 5C035FC102 00"), "6E00");
  EXPECT_EQ(send("0CCB3FFF 05 5C035FC102 00"), "6E00");
}

using Objects = CardTest;

TEST_F(Objects, AreNotFoundOnABlankCard) {
  EXPECT_EQ(send(kReadChuid), "6A82");
}

TEST_F(Objects, AreWrittenAfterAdministrationOnly) {
  EXPECT_EQ(send(kWriteChuid), "6982");
  send(kRightPin);
  EXPECT_EQ(send(kWriteChuid), "6982");
  authenticateManagement();
  EXPECT_EQ(send(kWriteChuid), "9000");
  EXPECT_EQ(send(kReadChuid), "53030102039000");
}

TEST_F(Objects, AreEmptiedByEmptyContent) {
  authenticateManagement();
  send(kWriteChuid);
  EXPECT_EQ(send("00DB3FFF 07 5C035FC102 5300"), "9000");
  EXPECT_EQ(send(kReadChuid), "6A82");
}

TEST_F(Objects, DiscoveryIsWrittenAndReadAsItself) {
  authenticateManagement();
  EXPECT_EQ(send("00DB3FFF 06 7E 04 4F020102"), "9000");
  EXPECT_EQ(send("00CB3FFF 03 5C017E 00"), "7E044F0201029000");
}

TEST_F(Objects, TheBiometricGroupTemplateIsWrittenAndReadAsItself) {
  authenticateManagement();
  EXPECT_EQ(send("00DB3FFF 06 7F61 03 020100"), "9000");
  EXPECT_EQ(send("00CB3FFF 04 5C027F61 00"), "7F61030201009000");
}

// Part 1 table 2, column "contact"
TEST_F(Objects, OnlyThoseOfTheTableAskForThePin) {
  authenticateManagement();
  for (unsigned tag = 0x01; tag <= 0x23; ++tag) {
    const std::string name = "5FC1" + wire::toHex(Bytes{static_cast<std::uint8_t>(tag)});
    ASSERT_EQ(send("00DB3FFF 08 5C03" + name + "530141"), "9000") << name;
    const bool personal = tag == 0x03 || tag == 0x08 || tag == 0x09 || tag == 0x21 || tag == 0x23;
    EXPECT_EQ(send("00CB3FFF 05 5C03" + name + "00"), personal ? "6982" : "5301419000") << name;
    send(kRightPin);
    EXPECT_EQ(send("00CB3FFF 05 5C03" + name + "00"), "5301419000") << name;
    send("0020FF80");
  }
}

// Part 2 table 2: PUT DATA and key generation ask for the administrator, whatever else is known
TEST_F(Objects, ThePinIsNoAdministrator) {
  send(kRightPin);
  EXPECT_EQ(send("0047009E 05 AC03800111 00"), "6982");
  EXPECT_EQ(send("00FE119E 22 0620" + std::string(64, '1')), "6982");
  EXPECT_EQ(send("00FFFFFF 13 089B10" + std::string(32, 'A')), "6982");
}

TEST_F(Objects, PrintedInformationIsReadWithThePin) {
  authenticateManagement();
  EXPECT_EQ(send("00DB3FFF 08 5C035FC109 530141"), "9000");
  EXPECT_EQ(send("00CB3FFF 05 5C035FC109 00"), "6982");
  send(kRightPin);
  EXPECT_EQ(send("00CB3FFF 05 5C035FC109 00"), "5301419000");
}

TEST_F(Objects, MalformedRequestsAreRefused) {
  authenticateManagement();
  EXPECT_EQ(send("00CB3FFF 05 5D035FC102 00"), "6A80");
  EXPECT_EQ(send("00CB3FFF 05 5C045FC102 00"), "6A80");
  EXPECT_EQ(send("00CB3FFF 06 5C035FC10200 00"), "6A80");
  EXPECT_EQ(send("00CB3FFE 05 5C035FC102 00"), "6A86");
  EXPECT_EQ(send("00DB3FFF 05 5C035FC102"), "6A80");
  EXPECT_EQ(send("00DB3FFF 0A 5C035FC102 5304010203"), "6A80");
  EXPECT_EQ(send("00DB3FFF 0A 5C035FD102 5303010203"), "6A82");
  EXPECT_EQ(send("00DB0000 0A 5C035FC102 5303010203"), "6A86");
}

TEST_F(Objects, TooLargeForTheCardIsRefused) {
  authenticateManagement();
  wire::CommandApdu put{.ins = 0xDB, .p1 = 0x3F, .p2 = 0xFF, .data = hex("5C035FC10A")};
  wire::appendTlv(put.data, 0x53, Bytes(12'289));
  EXPECT_EQ(send(put, true), "6A84");
}

TEST_F(Objects, WithoutMemoryTheOldContentStands) {
  authenticateManagement();
  send(kWriteChuid);
  store.failing = true;
  EXPECT_EQ(send("00DB3FFF 08 5C035FC102 5301FF"), "6581");
  EXPECT_EQ(send(kReadChuid), "53030102039000");
}

using GenerateKey = CardTest;

// Part 2 §3.3.2: the old key is replaced in full
TEST_F(GenerateKey, ReplacesTheKeyThatWasThere) {
  authenticateManagement();
  const std::string first = send("0047009E 05 AC03800111 00");
  const std::string second = send("0047009E 05 AC03800114 00");
  EXPECT_NE(first, second);
  EXPECT_EQ(second.substr(0, 12), "7F4963866104");
  EXPECT_EQ(send("0087119E 26 7C2482008120" + std::string(64, '5') + "00"), "6A86");
}

TEST_F(GenerateKey, AnswersThePublicPointAndStoresTheKey) {
  EXPECT_EQ(send("0047009C 05 AC03800111 00"), "6982");
  authenticateManagement();
  const std::string answer = send("0047009C 05 AC03800111 00");
  EXPECT_EQ(answer.substr(0, 12), "7F4943864104");
  EXPECT_EQ(statusOf(answer), "9000");
  ASSERT_EQ(store.saved.back().keys.count(0x9C), 1U);
  EXPECT_EQ(answer.substr(10, 130), wire::toHex(store.saved.back().keys.at(0x9C).publicPoint()));
}

TEST_F(GenerateKey, AnswersModulusAndExponent) {
  authenticateManagement();
  const wire::CommandApdu generate{
      .ins = 0x47, .p1 = 0, .p2 = 0x9D, .data = hex("AC03800107"), .le = 65'536};
  const std::string answer = send(generate, true);
  EXPECT_EQ(answer.substr(0, 18), "7F4982010981820100");
  EXPECT_EQ(answer.substr(answer.size() - 14), "82030100019000");
}

TEST_F(GenerateKey, KnowsItsFourKeysAndItsAlgorithms) {
  authenticateManagement();
  EXPECT_EQ(send("0047009B 05 AC03800111 00"), "6A86");
  EXPECT_EQ(send("00470080 05 AC03800111 00"), "6A86");
  EXPECT_EQ(send("00470082 05 AC03800111 00"), "6A86");  // retired keys are imported
  EXPECT_EQ(send("0047019C 05 AC03800111 00"), "6A86");
  EXPECT_EQ(send("0047009C 05 AC03800106 00"), "6A80");  // RSA-1024
  EXPECT_EQ(send("0047009C 08 AC06800111AA0102 00"), "6A80");
  EXPECT_EQ(send("0047009C 05 AD03800111 00"), "6A80");
}

}  // namespace
}  // namespace fncard::hw_sim::testing
