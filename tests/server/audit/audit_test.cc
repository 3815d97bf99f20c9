// SPDX-License-Identifier: Apache-2.0
#include "server/audit/audit.h"

#include <gtest/gtest.h>

#include "tests/server/support/fakes.h"
#include "tests/server/support/test_database.h"

namespace fncard::server::audit {
namespace {

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = database_.open("left");
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(store->recordRefusedApplication("code", "officer:x", testing::kStart));
    }
  }
  std::vector<Entry> entries(const std::string& node = "left") {
    return *database_.open()->auditEntries(node, 0, 100);
  }
  std::optional<long long> wrong() {
    Verifier verifier("left");
    return verifier.check(entries());
  }
  testing::TestDatabase database_;
};

TEST_F(AuditTest, AnUntouchedChainHoldsInParts) {
  const auto all = entries();
  Verifier verifier("left");
  EXPECT_EQ(verifier.check({all.begin(), all.begin() + 2}), std::nullopt);
  EXPECT_EQ(verifier.check({all.begin() + 2, all.end()}), std::nullopt);
  EXPECT_EQ(verifier.checked(), 5);
  EXPECT_EQ(verifier.lastHash(), all.back().hash);
}

TEST_F(AuditTest, AChangedEntryIsFound) {
  database_.run("UPDATE audit SET actor = 'officer:y' WHERE sequence = 3");
  EXPECT_EQ(wrong(), 3);
}

TEST_F(AuditTest, AnEntryTakenOutIsFound) {
  database_.run("DELETE FROM audit WHERE sequence = 2");
  EXPECT_EQ(wrong(), 2);
}

TEST_F(AuditTest, AnEntryPutInIsFound) {
  database_.run(
      "UPDATE audit SET sequence = 6 WHERE sequence = 5;"
      "INSERT INTO audit SELECT node, 5, at, actor, action, subject, detail, previous, hash FROM "
      "audit"
      " WHERE sequence = 4");
  EXPECT_EQ(wrong(), 5);
}

TEST_F(AuditTest, EachNodeHasAChainOfItsOwn) {
  ASSERT_TRUE(database_.open("right")->recordRefusedApplication("x", "x", testing::kStart));
  EXPECT_EQ(*database_.open()->auditNodes(), (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(entries("right").size(), 1U);
  EXPECT_EQ(entries().size(), 5U);
  EXPECT_EQ(Verifier("right").check(entries("right")), std::nullopt);
}

TEST_F(AuditTest, AChainGivenToAnotherNodeIsFound) {
  database_.run("UPDATE audit SET node = 'right'");
  EXPECT_EQ(Verifier("right").check(entries("right")), 1);
}

TEST(AuditHash, FieldsCannotRunIntoEachOther) {
  Entry left{.sequence = 1, .event = {.actor = "a", .action = "bc"}, .previous = firstPrevious("")};
  Entry right = left;
  right.event = {.actor = "ab", .action = "c"};
  EXPECT_NE(hashOf(left), hashOf(right));
}

}  // namespace
}  // namespace fncard::server::audit
