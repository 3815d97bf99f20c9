// SPDX-License-Identifier: Apache-2.0
#include "server/api/values.h"

#include <gtest/gtest.h>

namespace fncard::server::api {
namespace {

TEST(Values, PhonesAndEmails) {
  EXPECT_TRUE(isPhone("0912345678"));
  EXPECT_TRUE(isPhone("+886 912-345-678"));
  EXPECT_FALSE(isPhone("12345"));
  EXPECT_FALSE(isPhone("0912345678 ext"));
  EXPECT_TRUE(isEmail("an.nguyen+card@mail.example.org"));
  for (const char* text : {"", "an", "@example.org", "an@", "an@@example.org", "an@example..org",
                           ".an@example.org", "an@example.org\r\nBcc: x", "<an@example.org>"}) {
    EXPECT_FALSE(isEmail(text)) << text;
  }
}

TEST(Values, Numbers) {
  EXPECT_TRUE(isCardNumber("AB12345678901234"));
  EXPECT_FALSE(isCardNumber("ab12345678901234"));
  EXPECT_FALSE(isCardNumber("AB1234567890123"));
  EXPECT_TRUE(isMailNumber("12345678901234567890"));
  EXPECT_FALSE(isMailNumber("1234567890123456789X"));
}

}  // namespace
}  // namespace fncard::server::api
