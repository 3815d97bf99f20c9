// SPDX-License-Identifier: Apache-2.0
#include "server/audit/audit.h"

#include <gtest/gtest.h>

#include "server/store/open.h"
#include "tests/server/hsm/test_token.h"
#include "tests/server/support/fakes.h"

namespace fncard::server::audit {
namespace {

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = store::openSqlite(path_);
    ASSERT_TRUE(store) << store.error().detail;
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE((*store)->recordRefusedApplication("code", "officer:x", testing::kStart));
    }
  }
  std::vector<Entry> entries() { return *(*store::openSqlite(path_))->auditEntries(0, 100); }
  std::optional<long long> wrong() {
    Verifier verifier;
    return verifier.check(entries());
  }
  void change(const std::string& sql) {
    ASSERT_EQ(std::system(("sqlite3 '" + path_ + "' \"" + sql + "\"").c_str()), 0);
  }
  hsm::testing::TestDirectory directory_;
  std::string path_ = directory_ / "server.db";
};

TEST_F(AuditTest, AnUntouchedChainHoldsInParts) {
  const auto all = entries();
  Verifier verifier;
  EXPECT_EQ(verifier.check({all.begin(), all.begin() + 2}), std::nullopt);
  EXPECT_EQ(verifier.check({all.begin() + 2, all.end()}), std::nullopt);
  EXPECT_EQ(verifier.checked(), 5);
  EXPECT_EQ(verifier.lastHash(), all.back().hash);
}

TEST_F(AuditTest, AChangedEntryIsFound) {
  change("UPDATE audit SET actor = 'officer:y' WHERE sequence = 3");
  EXPECT_EQ(wrong(), 3);
}

TEST_F(AuditTest, AnEntryTakenOutIsFound) {
  change("DELETE FROM audit WHERE sequence = 2");
  EXPECT_EQ(wrong(), 2);
}

TEST_F(AuditTest, AnEntryPutInIsFound) {
  change(
      "UPDATE audit SET sequence = 6 WHERE sequence = 5;"
      "INSERT INTO audit SELECT 5, at, actor, action, subject, detail, previous, hash FROM audit"
      " WHERE sequence = 4");
  EXPECT_EQ(wrong(), 5);
}

TEST(AuditHash, FieldsCannotRunIntoEachOther) {
  Entry left{.sequence = 1, .event = {.actor = "a", .action = "bc"}, .previous = firstPrevious()};
  Entry right = left;
  right.event = {.actor = "ab", .action = "c"};
  EXPECT_NE(hashOf(left), hashOf(right));
}

}  // namespace
}  // namespace fncard::server::audit
