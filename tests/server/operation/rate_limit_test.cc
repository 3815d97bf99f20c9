// SPDX-License-Identifier: Apache-2.0
#include "server/operation/rate_limit.h"

#include <gtest/gtest.h>

namespace fncard::server::operation {
namespace {

using std::chrono::seconds;

class RateLimitTest : public testing::Test {
 protected:
  RateLimit::Now now_ = [this] { return time_; };
  std::chrono::steady_clock::time_point time_;
};

TEST_F(RateLimitTest, GivesAMinutesWorthAndSaysWhenThereIsMore) {
  RateLimit limit(6, now_);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(limit.take("a"), std::nullopt) << i;
  }
  EXPECT_EQ(limit.take("a"), seconds(10));
  time_ += seconds(4);
  EXPECT_EQ(limit.take("a"), seconds(6));
  time_ += seconds(6);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  EXPECT_EQ(limit.take("a"), seconds(10));
}

TEST_F(RateLimitTest, OneClientTakesNothingFromAnother) {
  RateLimit limit(1, now_);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  EXPECT_EQ(limit.take("b"), std::nullopt);
  EXPECT_NE(limit.take("a"), std::nullopt);
}

TEST_F(RateLimitTest, NeverSavesMoreThanAMinutesWorth) {
  RateLimit limit(2, now_);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  time_ += seconds(3600);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  EXPECT_NE(limit.take("a"), std::nullopt);
}

TEST_F(RateLimitTest, ZeroIsNoLimit) {
  RateLimit limit(0, now_);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(limit.take("a"), std::nullopt);
  }
}

TEST_F(RateLimitTest, AFullTableForgetsTheClientThatWasQuietLongest) {
  RateLimit limit(1, now_, 2);
  EXPECT_EQ(limit.take("a"), std::nullopt);
  EXPECT_EQ(limit.take("b"), std::nullopt);
  EXPECT_NE(limit.take("a"), std::nullopt);  // b is now the quiet one
  EXPECT_EQ(limit.take("c"), std::nullopt);
  EXPECT_NE(limit.take("a"), std::nullopt);
  EXPECT_EQ(limit.take("b"), std::nullopt);  // was forgotten
}

TEST(ClientOf, IsAnAddressOrAnIpv6Network) {
  EXPECT_EQ(clientOf("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(clientOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(clientOf("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(clientOf("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(clientOf("nobody"), "nobody");
}

}  // namespace
}  // namespace fncard::server::operation
