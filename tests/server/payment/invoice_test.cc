// SPDX-License-Identifier: Apache-2.0
#include "server/payment/invoice.h"

#include <gtest/gtest.h>

namespace fncard::server::payment {
namespace {

TEST(Invoice, CompanyNumbersHaveACheckDigit) {
  EXPECT_TRUE(isCompanyNumber("22099131"));
  EXPECT_TRUE(isCompanyNumber("04595257"));
  EXPECT_TRUE(isCompanyNumber("10458575")) << "a seventh digit of 7 counts twice";
  for (const char* number : {"12345678", "00000000", "2209913", "220991311", "2209913A", ""}) {
    EXPECT_FALSE(isCompanyNumber(number)) << number;
  }
}

TEST(Invoice, EachKindHasItsForm) {
  EXPECT_TRUE(isInvoiceValue("mobile", "/ABC+1.-"));
  EXPECT_FALSE(isInvoiceValue("mobile", "ABC12345"));
  EXPECT_FALSE(isInvoiceValue("mobile", "/abc1234"));
  EXPECT_TRUE(isInvoiceValue("citizen", "AB12345678901234"));
  EXPECT_FALSE(isInvoiceValue("citizen", "A112345678901234"));
  EXPECT_TRUE(isInvoiceValue("donation", "919"));
  EXPECT_FALSE(isInvoiceValue("donation", "91"));
  EXPECT_TRUE(isInvoiceValue("company", "22099131"));
  EXPECT_TRUE(isInvoiceValue("paper", ""));
  EXPECT_FALSE(isInvoiceValue("paper", "/ABC1234"));
  EXPECT_FALSE(isInvoiceValue("other", "x"));
}

}  // namespace
}  // namespace fncard::server::payment
