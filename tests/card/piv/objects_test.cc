// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "card/piv/administration.h"
#include "tests/card/support/script.h"

namespace fncard::card::piv {
namespace {

using card::testing::hex;

CardIdentity someIdentity() {
  CardIdentity identity{.cardNumber = "AB12345678901234", .expiry = "2031-11-30"};
  for (std::size_t i = 0; i < identity.guid.size(); ++i) {
    identity.guid[i] = static_cast<std::uint8_t>(i);
  }
  return identity;
}

TEST(Chuid, IsReadBack) {
  EXPECT_EQ(*parseChuid(encodeChuid(someIdentity())), someIdentity());
}

TEST(Chuid, OfAnotherIssuerHasAGuidButNoCardNumber) {
  const Bytes content =
      hex("3019D4E739DA739CED39CE739D836858210842108421C84210C3EB"
          "3410000102030405060708090A0B0C0D0E0F 350832303330303130313E00FE00");
  const auto identity = parseChuid(content);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->guid, someIdentity().guid);
  EXPECT_EQ(identity->cardNumber, "");
  EXPECT_EQ(identity->expiry, "2030-01-01");
}

TEST(Chuid, WithoutAGuidOfSixteenBytesIsMalformed) {
  for (const auto* content : {"", "3400", "340F000102030405060708090A0B0C0D0E", "3410", "3082FFFF",
                              "3411000102030405060708090A0B0C0D0E0F10"}) {
    EXPECT_EQ(parseChuid(hex(content)).error().code, ErrorCode::Malformed) << content;
  }
}

TEST(Chuid, CutAnywhereNeverReadsBeyondItsEnd) {
  const Bytes whole = encodeChuid(someIdentity());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto identity = parseChuid(cut);
    if (identity) {
      EXPECT_EQ(identity->guid, someIdentity().guid);
    }
  }
}

TEST(PrintedInformation, IsReadBackInUtf8) {
  const PrintedInformation written{
      .name = "NGUYỄN 阮文安", .expiry = "2031-02-28", .cardNumber = "AB12345678901234"};
  const Bytes content = encodePrintedInformation(written);
  const auto read = parsePrintedInformation(content);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->name, written.name);
  EXPECT_EQ(read->expiry, written.expiry);
  EXPECT_EQ(read->cardNumber, written.cardNumber);
  EXPECT_NE(std::string(content.begin(), content.end()).find("2031FEB28"), std::string::npos);
}

TEST(PrintedInformation, ALongNameIsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 60; ++i) {
    name += "阮";
  }
  const auto read = parsePrintedInformation(encodePrintedInformation({.name = name}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->name, name.substr(0, 123));
}

TEST(PrintedInformation, TextThatMustNotBeShownIsMalformed) {
  for (const auto* content :
       {"010141 0501C0" /* ends inside a character */, "01021B5B" /* escape sequence */,
        "0102C080" /* overlong */, "0103EDA080" /* surrogate */,
        "0104F4908080" /* above U+10FFFF */, "0102C285" /* C1 control */}) {
    EXPECT_EQ(parsePrintedInformation(hex(content)).error().code, ErrorCode::Malformed) << content;
  }
  const Bytes longName = wire::encodeTlv(0x01, Bytes(126, 'A'));
  EXPECT_EQ(parsePrintedInformation(longName).error().code, ErrorCode::Malformed);
}

TEST(PrintedInformation, AnExpiryOfAnotherFormIsLeftOut) {
  for (const auto* text : {"2031XXX28", "20311128", "abcdFEB28", "2031FEB2x"}) {
    const std::string expiry = text;
    const auto read =
        parsePrintedInformation(wire::encodeTlv(0x04, Bytes(expiry.begin(), expiry.end())));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->expiry, "") << text;
  }
}

TEST(Ccc, CarriesAnIdentifierOfTheCardsOwn) {
  const Bytes ccc = encodeCcc(someIdentity());
  const auto identifier = wire::findTlv(ccc, 0xF0);
  ASSERT_TRUE(identifier.has_value());
  EXPECT_EQ(wire::toHex(*identifier), "A000000116FF02000102030405060708090A0B0C0D");
  EXPECT_TRUE(wire::findTlv(ccc, 0xFE).has_value());
}

}  // namespace
}  // namespace fncard::card::piv
