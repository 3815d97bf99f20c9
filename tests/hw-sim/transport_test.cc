// SPDX-License-Identifier: Apache-2.0
// What is below an application: ISO/IEC 7816-4 §5.1, §5.3.3, §5.3.4, §8.1.1.
#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr std::size_t kObjectSize = 1'000;

CardState cardWithObject(bool extended) {
  CardState state = blankCard(extended);
  Bytes content(kObjectSize - 4);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::uint8_t>(i);
  }
  state.objects[0x5FC10A] = wire::encodeTlv(0x53, content);
  return state;
}

class Transport : public CardTest {
 protected:
  Transport() : CardTest(cardWithObject(true)) {}
  std::string object() { return wire::toHex(card.state().objects.at(0x5FC10A)); }
};

TEST_F(Transport, LongAnswersAreFetchedWithGetResponse) {
  std::string data;
  std::string answer = send("00CB3FFF 05 5C035FC10A 00");
  for (const char* expected : {"6100", "6100", "61E8"}) {
    ASSERT_EQ(statusOf(answer), expected);
    ASSERT_EQ(answer.size(), 2 * 258U);
    data += answer.substr(0, 512);
    answer = send("00C00000 00");
  }
  EXPECT_EQ(statusOf(answer), "9000");
  EXPECT_EQ(data + answer.substr(0, answer.size() - 4), object());
  EXPECT_EQ(send("00C00000 00"), "6985");
}

TEST_F(Transport, GetResponseGivesNoMoreThanAskedFor) {
  send("00CB3FFF 05 5C035FC10A 10");
  const std::string answer = send("00C00000 20");
  EXPECT_EQ(answer, object().substr(32, 64) + "6100");
}

TEST_F(Transport, AnotherCommandEndsWhatWasPending) {
  send("00CB3FFF 05 5C035FC10A 00");
  send("00200080");
  EXPECT_EQ(send("00C00000 00"), "6985");
}

TEST_F(Transport, ExtendedLengthCarriesAllAtOnce) {
  EXPECT_EQ(send("00CB3FFF 000005 5C035FC10A 0000"), object() + "9000");
}

TEST(TransportShort, WithoutExtendedLengthSuchCommandsAreRefused) {
  MemoryStore store;
  SimulatedCard card(cardWithObject(false), store);
  card.transmit(hex(kSelect));
  EXPECT_EQ(wire::toHex(card.transmit(hex("00CB3FFF 000005 5C035FC10A 0000"))), "6700");
  EXPECT_EQ(wire::toHex(card.transmit(hex("00FD0000 000000"))), "6700");
  EXPECT_EQ(card.transmit(hex("00CB3FFF 05 5C035FC10A 00")).size(), 258U);
}

TEST_F(Transport, ChainedPartsMakeOneCommand) {
  authenticateManagement();
  EXPECT_EQ(send("10DB3FFF 05 5C035FC102"), "9000");
  EXPECT_EQ(send("10DB3FFF 03 530301"), "9000");
  EXPECT_EQ(send("00DB3FFF 02 0203"), "9000");
  EXPECT_EQ(send("00CB3FFF 05 5C035FC102 00"), "53030102039000");
}

TEST_F(Transport, AnotherCommandInTheMiddleEndsTheChain) {
  authenticateManagement();
  send("10DB3FFF 05 5C035FC102");
  EXPECT_EQ(send("00200080"), "63C3");
  EXPECT_EQ(send("00DB3FFF 05 5303010203"), "6A80");
}

// Part 2 table 2: what has no "yes" under command chaining; ISO/IEC 7816-4 table 6: 6884
TEST_F(Transport, CommandsThatCannotBeChainedAreRefused) {
  for (const char* part : {"10A40400 02 A000", "10CB3FFF 01 5C", "10200080 02 3132",
                           "10240080 02 3132", "102C0080 02 3132", "10C00000 00", "10FD0000 00"}) {
    EXPECT_EQ(send(part), "6884") << part;
  }
  EXPECT_EQ(send("00200080"), "63C3");
}

TEST_F(Transport, AChainHasAnEnd) {
  const wire::CommandApdu part{
      .cla = 0x10, .ins = 0xDB, .p1 = 0x3F, .p2 = 0xFF, .data = Bytes(255)};
  std::string answer;
  int parts = 0;
  do {
    answer = send(part);
    ++parts;
  } while (answer == "9000" && parts < 100);
  EXPECT_EQ(answer, "6700");
  EXPECT_LT(parts, 70);
}

TEST_F(Transport, TheAnswerToResetIsWellFormedAndTellsTheLengths) {
  const Bytes atr = card.answerToReset();
  EXPECT_EQ(wire::toHex(atr), "3B8C018073C001C056666E6361726435");
  std::uint8_t check = 0;
  for (std::size_t i = 1; i < atr.size(); ++i) {
    check ^= atr[i];
  }
  EXPECT_EQ(check, 0);
  MemoryStore other;
  EXPECT_EQ(SimulatedCard(blankCard(false), other).answerToReset()[7], 0x80);
}

TEST_F(Transport, AnyBytesGetAStatusWord) {
  // every cut of a good command, and every single-byte change of a short one
  const Bytes good = hex("00DB3FFF 0A 5C035FC102 5303010203");
  for (std::size_t size = 0; size <= good.size(); ++size) {
    EXPECT_GE(card.transmit(ByteView(good).first(size)).size(), 2U);
  }
  authenticateManagement();
  for (const char* command : {"0087039B 04 7C028000", "0047009C 05 AC03800111",
                              "00CB3FFF 05 5C035FC10A", "00FFFFFF 05 089B020000"}) {
    const Bytes original = hex(command);
    for (std::size_t at = 4; at < original.size(); ++at) {
      for (unsigned value = 0; value < 256; value += 5) {
        Bytes changed = original;
        changed[at] = static_cast<std::uint8_t>(value);
        EXPECT_GE(card.transmit(changed).size(), 2U);
      }
    }
  }
}

}  // namespace
}  // namespace fncard::hw_sim::testing
