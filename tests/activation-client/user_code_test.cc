// SPDX-License-Identifier: Apache-2.0
#include "activation-client/user_code.h"

#include <gtest/gtest.h>

namespace fncard::activation_client {
namespace {

TEST(UserCode, IsTakenAsAPersonTypesIt) {
  EXPECT_EQ(normaliseUserCode(" acde-fghj\t"), "ACDEFGHJ");
  EXPECT_TRUE(isUserCode("ACDEFGHJ"));
  EXPECT_TRUE(isUserCode("34679WXY"));
}

TEST(UserCode, HasEightCharactersAndNoLookAlikes) {
  for (const char* code : {"", "ACDEFGH", "ACDEFGHJK", "acdefghj", "ACDE FGH"}) {
    EXPECT_FALSE(isUserCode(code)) << code;
  }
  for (const char lookAlike : std::string_view("01258BILOSUVZ")) {
    EXPECT_FALSE(isUserCode(std::string("ACDEFGH") + lookAlike)) << lookAlike;
  }
}

}  // namespace
}  // namespace fncard::activation_client
