// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/cancel_limit.h"

#include <gtest/gtest.h>

namespace fncard::agent::operations {
namespace {

using namespace std::chrono_literals;

class ACancelLimit : public ::testing::Test {
 protected:
  static Origin origin(const std::string& name) {
    return Origin::parse("https://" + name + ".example").value();
  }
  void cancel(const std::string& name) { limit.answered(origin(name), true, now); }
  [[nodiscard]] bool mayAsk(const std::string& name) const {
    return limit.mayAsk(origin(name), now);
  }

  CancelLimit limit;
  CancelLimit::Clock::time_point now{1h};
};

TEST_F(ACancelLimit, LetsASiteWaitThatWasCancelledTwiceAndNoOther) {
  cancel("a");
  EXPECT_TRUE(mayAsk("a"));
  cancel("a");
  EXPECT_FALSE(mayAsk("a"));
  EXPECT_TRUE(mayAsk("b"));
  now += CancelLimit::kWait;
  EXPECT_TRUE(mayAsk("a"));
  cancel("a");
  EXPECT_FALSE(mayAsk("a")) << "it did not learn";
}

TEST_F(ACancelLimit, IsForgivenByAnAnswer) {
  cancel("a");
  limit.answered(origin("a"), false, now);
  cancel("a");
  EXPECT_TRUE(mayAsk("a"));
}

TEST_F(ACancelLimit, RemembersAFewSites) {
  cancel("a");
  cancel("a");
  for (std::size_t i = 0; i < CancelLimit::kMaxSites; ++i) {
    EXPECT_EQ(mayAsk("a"), false) << i;
    cancel("s" + std::to_string(i));
  }
  EXPECT_TRUE(mayAsk("a"));
}

}  // namespace
}  // namespace fncard::agent::operations
