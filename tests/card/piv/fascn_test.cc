// SPDX-License-Identifier: Apache-2.0
#include "card/piv/fascn.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fncard::card::piv {
namespace {

TEST(Fascn, EveryCardNumberIsReadBack) {
  for (const auto* number : {"AB12345678901234", "AA00000000000000", "ZZ99999999999999",
                             "JT31415926535897", "MZ00000010000001"}) {
    const Fascn fascn = encodeFascn(number);
    EXPECT_EQ(cardNumberOf(fascn), number);
  }
}

TEST(Fascn, IsTheBytesThatTheDocumentDescribes) {
  // worked out from the guidance's table of characters, S 9999 F 0102 F 123456 F 7 F 8 F 0000901234
  // 1 0000 1 E and the check character; the same table gives the guidance's own example below
  EXPECT_EQ(wire::toHex(encodeFascn("AB12345678901234")),
            "D4E739D8300A2D0464956DB96158210866182324804210C3FF");
}

TEST(Fascn, AnyFlippedBitIsNoticed) {
  const Fascn good = encodeFascn("AB12345678901234");
  for (std::size_t bit = 0; bit < kFascnSize * 8; ++bit) {
    Fascn bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(cardNumberOf(bad).has_value()) << bit;
  }
}

TEST(Fascn, OfAnotherIssuerHasNoCardNumberHere) {
  // the example of the PACS guidance 2.3: agency 0032, a federal one
  EXPECT_FALSE(cardNumberOf(*wire::fromHex("D0439458210C2C19A0846D83685A1082108CE73984108CA3FC")));
  // what a vendor's tool writes: agency 9999, but system code 9999 stands for no letters
  EXPECT_FALSE(cardNumberOf(*wire::fromHex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")));
}

TEST(Fascn, OfAnotherSizeIsRefused) {
  const Fascn good = encodeFascn("AB12345678901234");
  EXPECT_FALSE(cardNumberOf(ByteView(good).first(24)).has_value());
  EXPECT_FALSE(cardNumberOf({}).has_value());
  EXPECT_FALSE(cardNumberOf(Bytes(25, 0x00)).has_value());
  EXPECT_FALSE(cardNumberOf(Bytes(25, 0xFF)).has_value());
}

TEST(Fascn, OnlyAWellFormedCardNumberIsOne) {
  EXPECT_TRUE(isCardNumber("AB12345678901234"));
  for (const auto* text : {"", "aB12345678901234", "AB1234567890123", "AB123456789012345",
                           "A112345678901234", "AB1234567890123X"}) {
    EXPECT_FALSE(isCardNumber(text)) << text;
    EXPECT_FALSE(cardNumberOf(encodeFascn(text)).has_value());
  }
}

}  // namespace
}  // namespace fncard::card::piv
