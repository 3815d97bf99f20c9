// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/payment/ecpay.h"
#include "tests/server/support/fakes.h"

namespace fncard::server::payment {
namespace {

// ECPay's own example for the test merchant (developers.ecpay.com.tw/?p=16623)
TEST(CheckMacValue, AgreesWithTheExampleThatEcpayPublishes) {
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
  EXPECT_EQ(checkMacValue(fields, testing::kHashKey, testing::kHashIv),
            "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840");
}

// hashlib.sha256(b"hashkey%3dk%26v%3da-_.!*()%7e%27+%22%2b%2f%3f%26%3d%25%0a%26hashiv%3di")
TEST(CheckMacValue, PunctuationIsEncodedAsDotNetDoes) {
  EXPECT_EQ(checkMacValue({{"v", "a-_.!*()~' \"+/?&=%\n"}}, "k", "i"),
            "3F42AC62E8442B48D49948C29CE3DA389DBF507941BADA10C08A2D70C9675213");
}

TEST(CheckMacValue, AChangedOrSecondValueIsWrong) {
  net::Form form = testing::FakeGateway::notification("A1");
  EXPECT_TRUE(hasRightCheckMacValue(form, testing::kHashKey, testing::kHashIv));
  form[5].second = "279";
  EXPECT_FALSE(hasRightCheckMacValue(form, testing::kHashKey, testing::kHashIv));
  form = testing::FakeGateway::notification("A1");
  form.push_back(form.back());
  EXPECT_FALSE(hasRightCheckMacValue(form, testing::kHashKey, testing::kHashIv));
  form = testing::FakeGateway::notification("A1");
  form.pop_back();
  EXPECT_FALSE(hasRightCheckMacValue(form, testing::kHashKey, testing::kHashIv));
}

}  // namespace
}  // namespace fncard::server::payment
