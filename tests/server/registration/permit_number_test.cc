// SPDX-License-Identifier: Apache-2.0
#include "server/registration/permit_number.h"

#include <gtest/gtest.h>

namespace fncard::server::registration {
namespace {

TEST(PermitNumber, BothFormsWithARightCheckDigitAreGood) {
  for (const char* number : {"A800000014", "A900000016", "F800000019", "B912345674", "H870000012",
                             "AA00000009", "AC03095424", "HD02717288", "FC12345674"}) {
    EXPECT_EQ(checkPermitNumber(number), PermitNumberCheck::Good) << number;
  }
}

TEST(PermitNumber, EveryOtherLastDigitIsWrong) {
  for (const std::string number : {"A800000014", "HD02717288"}) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      const std::string changed = number.substr(0, 9) + digit;
      EXPECT_EQ(checkPermitNumber(changed),
                changed == number ? PermitNumberCheck::Good : PermitNumberCheck::WrongCheckDigit)
          << changed;
    }
  }
}

TEST(PermitNumber, OtherFormsAreRefused) {
  for (const char* number :
       {"", "A80000001", "A8000000144", "a800000014", "A700000014", "AE00000009", "1800000014",
        "A80000001X", "A80000001 ", "Ａ800000014"}) {
    EXPECT_EQ(checkPermitNumber(number), PermitNumberCheck::WrongForm) << number;
  }
}

}  // namespace
}  // namespace fncard::server::registration
