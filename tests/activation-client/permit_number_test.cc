// SPDX-License-Identifier: Apache-2.0
#include "activation-client/permit_number.h"

#include <gtest/gtest.h>

namespace fncard::activation_client {
namespace {

TEST(PermitNumber, OfTheNewAndTheOldFormIsTaken) {
  for (const char* number : {"A800000014", "A900000016", "F800000019", "B912345674", "H870000012",
                             "AA00000009", "AC03095424", "HD02717288", "FC12345674"}) {
    EXPECT_EQ(faultOf(number), PermitNumberFault::None) << number;
  }
}

TEST(PermitNumber, HasOneRightCheckDigitOnly) {
  EXPECT_EQ(faultOf("A800000015"), PermitNumberFault::CheckDigit);
  for (char digit = '0'; digit <= '9'; ++digit) {
    EXPECT_EQ(faultOf(std::string("B91234567") + digit),
              digit == '4' ? PermitNumberFault::None : PermitNumberFault::CheckDigit)
        << digit;
  }
}

TEST(PermitNumber, WithTwoDigitsChangedOverIsRefused) {
  EXPECT_EQ(faultOf("B913245674"), PermitNumberFault::CheckDigit);
}

TEST(PermitNumber, OfAnotherFormIsRefused) {
  for (const char* number :
       {"", "A80000001", "A8000000144", "A123456789", "A700000014", "AE00000009", "a800000014",
        "1800000014", "A80000001x", "A 00000014", "Ä80000001"}) {
    EXPECT_EQ(faultOf(number), PermitNumberFault::Format) << number;
  }
}

TEST(PermitNumber, IsReadAsPeopleTypeIt) {
  EXPECT_EQ(normalisePermitNumber("  a800000014\r"), "A800000014");
  EXPECT_EQ(normalisePermitNumber("   "), "");
}

}  // namespace
}  // namespace fncard::activation_client
