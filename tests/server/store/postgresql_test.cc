// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/server/support/fakes.h"
#include "tests/server/support/postgres.h"
#include "tests/server/support/test_database.h"

/// What only PostgreSQL has: an address, connections that are lost, turns of several nodes.
namespace fncard::server::store {
namespace {

using testing::kStart;

class PostgresqlTest : public ::testing::Test {
 protected:
  std::string name() const {
    const std::string location = database_.location();
    const std::size_t begin = location.find("///") + 3;
    return location.substr(begin, location.find('?') - begin);
  }
  /// By a connection to another database of the same server.
  static void administer(const std::string& sql) {
    testing::outputOf("psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -h '" +
                      testing::Postgres::instance().host() + "' -U fncard -d postgres -c \"" + sql +
                      "\"");
  }
  void cutConnections() const {
    administer("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" +
               name() + "'");
  }
  static Result<void> record(Store& store) {
    return store.recordRefusedApplication("code", "x", kStart);
  }
  testing::TestDatabase database_;
};

TEST_F(PostgresqlTest, APasswordInTheAddressIsRefusedAndNotRepeated) {
  for (const char* address :
       {"postgresql://fncard:hunter2@localhost/x", "postgresql:///x?password=hunter2"}) {
    const auto refused = open({.location = address});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("passfile="), std::string::npos);
    EXPECT_EQ(refused.error().detail.find("hunter2"), std::string::npos);
  }
}

TEST_F(PostgresqlTest, AnAddressThatIsNoneAndADatabaseThatIsNotThereAreRefused) {
  EXPECT_FALSE(open({.location = "postgresql://["}));
  EXPECT_FALSE(open({.location = "postgresql:///nothing?host=" +
                                 testing::Postgres::instance().host() + "&user=fncard"}));
}

TEST_F(PostgresqlTest, ConnectionsThatWereCutCostNoCall) {
  const auto store = database_.open();
  ASSERT_TRUE(store->orders());
  cutConnections();
  const auto recorded = record(*store);
  EXPECT_TRUE(recorded) << recorded.error().detail;
  EXPECT_TRUE(store->orders());
  EXPECT_EQ(store->auditEntries("", 0, 10)->size(), 1U);
}

TEST_F(PostgresqlTest, WithoutTheDatabaseEveryCallSaysTryAgainAndAfterwardsAllIsWell) {
  const auto store = database_.open();
  administer("ALTER DATABASE " + name() + " ALLOW_CONNECTIONS false");
  cutConnections();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(record(*store).error().code, ErrorCode::Busy);
    EXPECT_EQ(store->orders().error().code, ErrorCode::Busy);
    EXPECT_EQ(store->upkeepTurn().error().code, ErrorCode::Busy);
  }
  administer("ALTER DATABASE " + name() + " ALLOW_CONNECTIONS true");
  EXPECT_TRUE(record(*store));
  EXPECT_TRUE(store->orders());
  EXPECT_TRUE(store->upkeepTurn());
}

TEST_F(PostgresqlTest, ManyThatOpenANewDatabaseAtTheSameTimeMakeItOnce) {
  constexpr int kNodes = 4;
  std::vector<std::thread> nodes;
  nodes.reserve(kNodes);
  std::atomic<int> opened = 0;
  for (int i = 0; i < kNodes; ++i) {
    nodes.emplace_back(
        [&] { opened += open({.location = database_.location()}).has_value() ? 1 : 0; });
  }
  for (std::thread& node : nodes) {
    node.join();
  }
  EXPECT_EQ(opened, kNodes);
}

TEST_F(PostgresqlTest, OneNodeHasTheUpkeep) {
  const auto left = database_.open("left");
  const auto right = database_.open("right");
  auto turn = left->upkeepTurn();
  ASSERT_TRUE(turn && *turn);
  EXPECT_EQ(*right->upkeepTurn(), nullptr);
  turn->reset();
  EXPECT_NE(*right->upkeepTurn(), nullptr);
}

TEST_F(PostgresqlTest, ANodeWaitsForTheOtherOnesCrlOfTheShardAlone) {
  const auto left = database_.open("left");
  const auto right = database_.open("right");
  auto turn = left->crlTurn(0);
  ASSERT_TRUE(turn);
  EXPECT_TRUE(right->crlTurn(1));
  std::atomic<bool> over = false;
  std::thread waiting([&] {
    const auto next = right->crlTurn(0);
    EXPECT_TRUE(next);
    EXPECT_TRUE(over);
  });
  over = true;
  turn->reset();
  waiting.join();
}

TEST_F(PostgresqlTest, TheTurnOfANodeThatDiesIsFree) {
  ASSERT_NE(database_.open(), nullptr);
  int report[2];
  ASSERT_EQ(::pipe(report), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open({.location = database_.location()});
    const auto turn = (*store)->crlTurn(0);
    static_cast<void>(::write(report[1], "x", 1));
    ::pause();
    ::_exit(turn ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(report[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(database_.open()->crlTurn(0));
}

}  // namespace
}  // namespace fncard::server::store
