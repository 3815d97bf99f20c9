// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/check_value.h"

#include <gtest/gtest.h>

namespace fncard::server::sandbox {
namespace {

// ECPay's own example for the test merchant (developers.ecpay.com.tw/?p=16623).
TEST(SandboxCheckValue, AgreesWithTheExampleThatEcpayPublishes) {
  const net::Form fields = {{"TradeDesc", "促銷方案"},
                            {"PaymentType", "aio"},
                            {"MerchantTradeDate", "2023/03/12 15:30:23"},
                            {"MerchantTradeNo", "ecpay20230312153023"},
                            {"MerchantID", "3002607"},
                            {"ReturnURL", "https://www.ecpay.com.tw/receive.php"},
                            {"ItemName", "Apple iphone 15"},
                            {"TotalAmount", "30000"},
                            {"ChoosePayment", "ALL"},
                            {"EncryptType", "1"}};
  EXPECT_EQ(checkValue(fields, "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"),
            "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840");
}

// Computed with Python's hashlib over the lower-case .NET encoding written out by hand.
TEST(SandboxCheckValue, PunctuationIsEncodedAsDotNetDoes) {
  EXPECT_EQ(checkValue({{"v", "a-_.!*()~' \"+/?&=%\n"}}, "k", "i"),
            "3F42AC62E8442B48D49948C29CE3DA389DBF507941BADA10C08A2D70C9675213");
}

TEST(SandboxCheckValue, NamesAreSortedWithoutRegardToCaseAndTheValueItselfIsLeftOut) {
  EXPECT_EQ(checkValue({{"c", "3"}, {"CheckMacValue", "x"}, {"B", "2"}, {"a", "1"}},
                       "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"),
            "7B31682AB822D8BB204076ECAB8749AADEA298E9FBE39B5BA1E3B5531B9490BE");
}

}  // namespace
}  // namespace fncard::server::sandbox
