// SPDX-License-Identifier: Apache-2.0
#include "card/wire/tlv.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fncard::wire {
namespace {

Bytes bytesOf(std::string_view hex) {
  return fromHex(hex).value();
}

FormatError errorOf(std::string_view hex) {
  const Bytes bytes = bytesOf(hex);
  return TlvReader(bytes).next().error();
}

TEST(Tlv, ReadsTagsOfOneToThreeBytes) {
  const Bytes bytes = bytesOf(
      "530101"
      "7F490102"
      "5FC1020103");
  // 5FC102 has a third tag byte because C1 says that another follows
  TlvReader reader(bytes);
  EXPECT_EQ(reader.next()->tag, 0x53U);
  EXPECT_EQ(reader.next()->tag, 0x7F49U);
  const auto last = reader.next();
  EXPECT_EQ(last->tag, 0x5FC102U);
  EXPECT_EQ(last->value.front(), 3);
  EXPECT_TRUE(reader.atEnd());
}

TEST(Tlv, RefusesWhatEndsEarly) {
  for (const auto* hex : {"", "53", "5F", "5FC1", "5302", "530201", "5381", "5382FF", "53820100",
                          "53FF", "5383FFFFFF00"}) {
    const Bytes bytes = bytesOf(hex);
    EXPECT_FALSE(TlvReader(bytes).next().has_value()) << hex;
  }
  EXPECT_EQ(errorOf("530201"), FormatError::Truncated);
}

TEST(Tlv, RefusesLongTagsLongLengthsAndTheIndefiniteForm) {
  EXPECT_EQ(errorOf("5FC1828301"), FormatError::TagTooLong);
  EXPECT_EQ(errorOf("538401020304"), FormatError::LengthTooLong);
  EXPECT_EQ(errorOf("53800000"), FormatError::LengthTooLong);
}

TEST(Tlv, FindsOnlyWhatStandsBeforeBrokenBytes) {
  const Bytes bytes = bytesOf("70013071FF");
  EXPECT_TRUE(findTlv(bytes, 0x70).has_value());
  EXPECT_FALSE(findTlv(bytes, 0x71).has_value());
  EXPECT_FALSE(findTlv(bytes, 0x72).has_value());
}

TEST(Tlv, WhatIsWrittenIsReadBackAtEveryLengthForm) {
  for (const std::size_t size : {0U, 1U, 0x7FU, 0x80U, 0xFFU, 0x100U, 0xFFFFU}) {
    const Bytes value(size, 0xA5);
    for (const std::uint32_t tag : {0x53U, 0x7F49U, 0x5FC102U}) {
      const Bytes encoded = encodeTlv(tag, value);
      TlvReader reader(encoded);
      const auto tlv = reader.next();
      ASSERT_TRUE(tlv.has_value()) << size;
      EXPECT_EQ(tlv->tag, tag);
      EXPECT_TRUE(std::equal(tlv->value.begin(), tlv->value.end(), value.begin(), value.end()));
      EXPECT_TRUE(reader.atEnd());
    }
  }
}

TEST(Tlv, StaysWhereItWasAfterAnError) {
  const Bytes bytes = bytesOf("530201");
  TlvReader reader(bytes);
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_FALSE(reader.atEnd());
}

}  // namespace
}  // namespace fncard::wire
