// SPDX-License-Identifier: Apache-2.0
#include "card/wire/apdu.h"

#include <gtest/gtest.h>

namespace fncard::wire {
namespace {

TEST(CommandApdu, EveryCaseIsReadBackInBothForms) {
  for (const std::size_t dataSize : {0U, 1U, 255U, 256U, 65'535U}) {
    for (const std::size_t le : {0U, 1U, 256U, 257U, 65'536U}) {
      for (const bool forced : {false, true}) {
        const CommandApdu command{
            .cla = 0, .ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = Bytes(dataSize, 7), .le = le};
        bool extended = false;
        const auto parsed = CommandApdu::parse(command.encode(forced), &extended);
        ASSERT_TRUE(parsed.has_value()) << dataSize << ' ' << le;
        EXPECT_EQ(parsed->data, command.data);
        EXPECT_EQ(parsed->le, le);
        const bool hasLengths = dataSize > 0 || le > 0;
        EXPECT_EQ(extended, hasLengths && (forced || !command.fitsShort()));
      }
    }
  }
}

TEST(CommandApdu, VerifyHasNoLeAndSelectAsksForEverything) {
  const CommandApdu verify{.ins = 0x20, .p2 = 0x80, .data = Bytes(8, 0xFF)};
  EXPECT_EQ(toHex(verify.encode()), "0020008008FFFFFFFFFFFFFFFF");
  const CommandApdu status{.ins = 0x20, .p2 = 0x80};
  EXPECT_EQ(toHex(status.encode()), "00200080");
  const CommandApdu getResponse{.ins = 0xC0, .le = 256};
  EXPECT_EQ(toHex(getResponse.encode()), "00C0000000");
}

TEST(CommandApdu, LengthsThatDoNotFitAreRefused) {
  for (const auto* hex :
       {"", "00", "00A404", "00A4040005A0", "00A4040001A00000", "00A40400000000A0",
        "00A40400000002A0", "00A404000000", "00A4040000000100FF"}) {
    const auto parsed = CommandApdu::parse(fromHex(hex).value());
    EXPECT_FALSE(parsed.has_value()) << hex;
  }
}

TEST(ResponseApdu, IsAtLeastAStatusWordAndAtMost64KiBMore) {
  EXPECT_FALSE(ResponseApdu::parse(Bytes(1)).has_value());
  EXPECT_TRUE(ResponseApdu::parse(Bytes(2)).has_value());
  EXPECT_TRUE(ResponseApdu::parse(Bytes(65'538)).has_value());
  EXPECT_EQ(ResponseApdu::parse(Bytes(65'539)).error(), FormatError::TooLarge);
}

TEST(StatusWord, CountsTriesOnlyIn63Cx) {
  EXPECT_EQ(StatusWord(0x63C2).triesLeft(), 2U);
  EXPECT_EQ(StatusWord(0x63C0).triesLeft(), 0U);
  EXPECT_FALSE(StatusWord(0x6300).triesLeft().has_value());
  EXPECT_FALSE(StatusWord(0x6983).triesLeft().has_value());
}

}  // namespace
}  // namespace fncard::wire
