// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "server/base/random.h"
#include "tests/server/support/fakes.h"
#include "tests/server/support/test_database.h"

namespace fncard::server::store {
namespace {

using testing::kStart;

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() { return database_.open(); }
  static Order newOrder(const std::string& permitNumber = "A800000014") {
    Order order;
    order.id = randomIdentifier();
    order.permitNumber = permitNumber;
    order.applicant = {"O'Brien \"); DROP TABLE orders; -- <b>阮</b>", "1990-05-17"};
    order.createdAt = kStart;
    order.deadline = kStart + std::chrono::hours(24);
    return order;
  }
  static Idempotency key(const std::string& name, const std::string& hash = "h") {
    return {"test", name, hash};
  }
  static std::string pay(Store& store, const std::string& orderId, const std::string& number) {
    EXPECT_TRUE(store.openPayment(
        {.merchantTradeNo = number, .orderId = orderId, .amount = 278, .createdAt = kStart},
        "address", key("pay" + number)));
    std::string jobId = randomIdentifier();
    const auto paid = store.markPaid(number, {"T" + number, 278},
                                     {jobId, randomCardNumber(), randomDigits(16)}, kStart);
    EXPECT_TRUE(paid) << paid.error().detail;
    return jobId;
  }

  testing::TestDatabase database_;
};

TEST(SqliteFile, IsTheOwnersAlone) {
  const hsm::testing::TestDirectory directory;
  const std::string path = directory / "server.db";
  ASSERT_TRUE(store::open({.location = path}));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StoreTest, TextsComeBackAsTheyWere) {
  const Order order = newOrder();
  ASSERT_TRUE(open()->registerApplication(order, key("a"), "officer:x"));
  const auto found = open()->order(order.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->applicant.name, order.applicant.name);
  EXPECT_EQ(found->deadline, order.deadline);
}

TEST_F(StoreTest, ARefusedIntentLeavesNothing) {
  const auto store = open();
  const Order order = newOrder();
  ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
  const auto entries = store->auditEntries("", 0, 100)->size();
  const Order second = newOrder();
  EXPECT_EQ(store->registerApplication(second, key("b"), "x").error().code, ErrorCode::OrderExists);
  EXPECT_EQ(store->order(second.id).error().code, ErrorCode::NotFound);
  EXPECT_EQ(store->made(key("b"))->has_value(), false);
  EXPECT_EQ(store->acceptAwaiting(order.id, {"other", "2000-01-01"}, kStart, kStart).error().code,
            ErrorCode::WrongState);
  EXPECT_EQ(store->order(order.id)->applicant.name, order.applicant.name);
  EXPECT_EQ(store->auditEntries("", 0, 100)->size(), entries);
}

TEST_F(StoreTest, AKeyStandsForOneRequest) {
  const auto store = open();
  const Order order = newOrder();
  ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
  EXPECT_EQ(**store->made(key("a")), order.id);
  EXPECT_TRUE(store->registerApplication(newOrder(), key("a"), "x")->repeated);
  EXPECT_EQ(store->registerApplication(newOrder(), key("a", "other"), "x").error().code,
            ErrorCode::IdempotencyConflict);
}

TEST_F(StoreTest, AnOrderPurgedIsNeverPaid) {
  const auto store = open();
  const Order order = newOrder();
  ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
  ASSERT_TRUE(store->purge(order.id, kStart));
  EXPECT_EQ(store->purge(order.id, kStart).error().code, ErrorCode::WrongState);
  EXPECT_EQ(
      store->openPayment({.merchantTradeNo = "N", .orderId = order.id, .amount = 278}, "", key("p"))
          .error()
          .code,
      ErrorCode::WrongState);
}

TEST_F(StoreTest, ACardNumberIsGivenOnce) {
  const auto store = open();
  const Order first = newOrder();
  const Order second = newOrder("A900000016");
  for (const Order& order : {first, second}) {
    ASSERT_TRUE(store->registerApplication(order, key(order.id), "x"));
    ASSERT_TRUE(store->openPayment(
        {.merchantTradeNo = order.permitNumber, .orderId = order.id, .amount = 278}, "",
        key("p" + order.id)));
  }
  const std::string number = "AB12345678901234";
  ASSERT_TRUE(store->markPaid(first.permitNumber, {"T1", 278}, {"job1", number, "1"}, kStart));
  EXPECT_EQ(
      store->markPaid(second.permitNumber, {"T2", 278}, {"job2", number, "2"}, kStart).error().code,
      ErrorCode::NotUnique);
  EXPECT_EQ(store->order(second.id)->state, OrderState::Applied);
}

TEST_F(StoreTest, StationsThatClaimAtTheSameTimeGetDifferentJobs) {
  const auto store = open();
  constexpr int kJobs = 8;
  for (int i = 0; i < kJobs; ++i) {
    const Order order = newOrder("P" + std::to_string(i));
    ASSERT_TRUE(store->registerApplication(order, key(order.id), "x"));
    pay(*store, order.id, "N" + std::to_string(i));
  }
  std::set<std::string> claimed;
  std::mutex mutex;
  std::vector<std::thread> stations;
  stations.reserve(kJobs);
  for (int i = 0; i < kJobs; ++i) {
    stations.emplace_back([&, i] {
      const auto job = store->claimJob(key("claim" + std::to_string(i)), "s", "2031-01-31", kStart);
      const std::lock_guard lock(mutex);
      if (job && job->has_value()) {
        claimed.insert((*job)->id);
      }
    });
  }
  for (std::thread& station : stations) {
    station.join();
  }
  EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kJobs));
  EXPECT_FALSE(store->claimJob(key("more"), "s", "2031-01-31", kStart)->has_value());
}

TEST_F(StoreTest, TwoProcessesWriteWithoutLosingAnEntry) {
  open();
  constexpr int kEach = 25;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = store::open({.location = database_.location()});
    bool good = store.has_value();
    for (int i = 0; good && i < kEach; ++i) {
      good = (*store)->recordRefusedApplication("child", "x", kStart).has_value();
    }
    ::_exit(good ? 0 : 1);
  }
  const auto store = open();
  for (int i = 0; i < kEach; ++i) {
    EXPECT_TRUE(store->recordRefusedApplication("parent", "x", kStart));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  audit::Verifier verifier("");
  EXPECT_EQ(verifier.check(*store->auditEntries("", 0, 1000)), std::nullopt);
  EXPECT_EQ(verifier.checked(), 2 * kEach);
}

// A process that takes orders to "paid" is killed at a random moment; what it had said was done is
// there, nothing is half done, and the chain holds.
TEST_F(StoreTest, KillMinusNineLosesNothingThatWasAnswered) {
  open();
  for (int round = 0; round < 5; ++round) {
    int report[2];
    ASSERT_EQ(::pipe(report), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = store::open({.location = database_.location()});
      for (int i = 0; store; ++i) {
        const std::string name = std::to_string(round) + "x" + std::to_string(i);
        const Order order = newOrder("P" + name);
        static_cast<void>((*store)->registerApplication(order, key(order.id), "x"));
        static_cast<void>((*store)->openPayment(
            {.merchantTradeNo = name, .orderId = order.id, .amount = 278}, "", key("p" + name)));
        const auto paid = (*store)->markPaid(name, {"T", 278},
                                             {randomIdentifier(), randomCardNumber(), "1"}, kStart);
        if (!paid || ::write(report[1], order.id.data(), order.id.size()) < 0) {
          ::_exit(1);
        }
      }
      ::_exit(1);
    }
    ::close(report[1]);
    constexpr std::size_t kIdentifier = 26;
    std::vector<std::string> answered;
    std::string id(kIdentifier, ' ');
    const std::size_t enough = 1 + randomBelow(8);
    while (::read(report[0], id.data(), id.size()) == static_cast<ssize_t>(kIdentifier)) {
      answered.push_back(id);
      if (answered.size() == enough) {
        ::kill(child, SIGKILL);
      }
    }
    ::close(report[0]);
    ::waitpid(child, nullptr, 0);
    const auto store = open();
    ASSERT_FALSE(answered.empty());
    for (const std::string& orderId : answered) {
      const auto order = store->order(orderId);
      ASSERT_TRUE(order) << orderId << ": " << order.error().detail;
      EXPECT_EQ(order->state, OrderState::Paid);
    }
    std::size_t paid = 0;
    const auto orders = store->orders();
    ASSERT_TRUE(orders) << orders.error().detail;
    for (const Order& order : *orders) {
      paid += order.state == OrderState::Paid ? 1 : 0;
      EXPECT_EQ(order.state == OrderState::Paid, !order.cardNumber.empty());
      EXPECT_EQ(store->events(order.id)->back().to, name(order.state));
    }
    EXPECT_EQ(store->jobs()->size(), paid);
    audit::Verifier verifier("");
    EXPECT_EQ(verifier.check(*store->auditEntries("", 0, 100'000)), std::nullopt);
  }
}

TEST_F(StoreTest, ADatabaseOfANewerProgramIsRefused) {
  open();
  database_.run("INSERT INTO schema_version VALUES (1000)");
  const auto refused = store::open({.location = database_.location()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "a newer fncard-server wrote this database");
}

TEST_F(StoreTest, ADatabaseOfTheFirstVersionKeepsItsOrdersAndItsAuditChain) {
  const Order order = newOrder();
  ASSERT_TRUE(open()->registerApplication(order, key("a"), "x"));
  database_.run(
      "CREATE TABLE chain AS SELECT sequence, at, actor, action, subject, detail, previous, hash"
      " FROM audit; DROP TABLE audit; ALTER TABLE chain RENAME TO audit;"
      " DROP INDEX payments_to_ask; ALTER TABLE payments DROP COLUMN ask_after;"
      " DROP TABLE unblockings;"
      " DROP INDEX orders_last_day; ALTER TABLE orders DROP COLUMN last_day;"
      " DROP INDEX orders_to_erase; ALTER TABLE orders DROP COLUMN erased_at;"
      " DELETE FROM schema_version WHERE version > 1");
  const auto store = open();
  EXPECT_EQ(store->order(order.id)->permitNumber, order.permitNumber);
  ASSERT_TRUE(store->recordRefusedApplication("code", "x", kStart));
  audit::Verifier verifier("");
  EXPECT_EQ(verifier.check(*store->auditEntries("", 0, 100)), std::nullopt);
  EXPECT_EQ(verifier.checked(), 2);
}

TEST_F(StoreTest, ACardOfADatabaseThatKnewNoLastDayExpiresOnItsOwn) {
  const Order order = newOrder();
  {
    const auto store = open();
    ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
    pay(*store, order.id, "N1");
    ASSERT_TRUE(store->claimJob(key("c"), "s", "2031-01-31", kStart));
  }
  database_.run(
      "UPDATE orders SET state = 'mailed'; DROP INDEX orders_last_day;"
      " ALTER TABLE orders DROP COLUMN last_day; DELETE FROM schema_version WHERE version > 3");
  const auto store = open();
  EXPECT_EQ(store->expireCards("2031-01-31", kStart, 10), 0);
  EXPECT_EQ(store->expireCards("2031-02-01", kStart, 10), 1);
  EXPECT_EQ(store->order(order.id)->state, OrderState::Expired);
}

TEST_F(StoreTest, NothingStoredIsEqualToATextThatCannotBeStored) {
  const auto store = open();
  const Order order = newOrder();
  ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
  for (const std::string& text : {order.id + std::string("\0", 1), std::string("\xFF\xC0")}) {
    EXPECT_EQ(store->order(text).error().code, ErrorCode::NotFound);
    EXPECT_EQ(store->session(text, kStart).error().code, ErrorCode::NotFound);
  }
}

// Each node is a store of its own; what they do at the same time is as if it came one by one.
TEST_F(StoreTest, TriesToSignInAtDifferentNodesAllCount) {
  open();
  constexpr int kNodes = 3;
  constexpr int kEach = 10;
  std::vector<std::thread> nodes;
  nodes.reserve(kNodes);
  for (int i = 0; i < kNodes; ++i) {
    nodes.emplace_back([this, i] {
      const auto store = database_.open("node-" + std::to_string(i));
      for (int j = 0; j < kEach; ++j) {
        const auto reserved = store->reserveAttempt(
            "subject", [](int) { return std::chrono::seconds(0); }, kStart);
        EXPECT_TRUE(reserved) << reserved.error().detail;
      }
    });
  }
  for (std::thread& node : nodes) {
    node.join();
  }
  const auto last = open()->reserveAttempt(
      "subject", [](int) { return std::chrono::seconds(0); }, kStart);
  EXPECT_EQ(last->failures, kNodes * kEach + 1);
}

TEST_F(StoreTest, OneOfManyNodesTakesAnApplicationThatComesToAllAtOnce) {
  open();
  constexpr int kNodes = 3;
  std::vector<std::thread> nodes;
  nodes.reserve(kNodes);
  std::atomic<int> made = 0;
  std::atomic<int> repeated = 0;
  for (int i = 0; i < kNodes; ++i) {
    nodes.emplace_back([&, i] {
      const auto store = database_.open("node-" + std::to_string(i));
      const auto registered = store->registerApplication(newOrder(), key("a"), "x");
      ASSERT_TRUE(registered) << registered.error().detail;
      (registered->repeated ? repeated : made) += 1;
    });
  }
  for (std::thread& node : nodes) {
    node.join();
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(repeated, kNodes - 1);
  EXPECT_EQ(open()->orders()->size(), 1U);
}

TEST_F(StoreTest, ClosedOrdersLoseTheirPersonalDataAfterTheirTime) {
  const auto store = open();
  const Order closed = newOrder();
  const Order running = newOrder("A900000016");
  for (const Order& order : {closed, running}) {
    ASSERT_TRUE(store->registerApplication(order, key(order.id), "x"));
    pay(*store, order.id, "N" + order.permitNumber);
  }
  database_.run("UPDATE orders SET state = 'revoked', mail_number = '1' WHERE order_id = '" +
                closed.id + "'");
  EXPECT_EQ(store->eraseClosed(kStart, kStart, 10), 0) << "its time has not passed";
  const Time later = kStart + std::chrono::hours(1);
  EXPECT_EQ(store->eraseClosed(later, later, 10), 1);
  EXPECT_EQ(store->eraseClosed(later, later, 10), 0) << "once";
  const auto erased = store->order(closed.id);
  for (const std::string& text :
       {erased->permitNumber, erased->applicant.name, erased->applicant.birthDate, erased->phone,
        erased->email, erased->userCodeHash, erased->deliveryAddress, erased->mailNumber,
        store->paymentsOf(closed.id)->front().invoiceKind}) {
    EXPECT_EQ(text, "");
  }
  EXPECT_EQ(erased->state, OrderState::Revoked);
  EXPECT_EQ(store->auditEntries("", 0, 100)->back().event.action, "order.erased");
  EXPECT_EQ(store->order(running.id)->applicant.name, running.applicant.name);
}

TEST_F(StoreTest, OldThingsAreForgottenAndOpenSessionsAreNot) {
  const auto store = open();
  const Order order = newOrder();
  ASSERT_TRUE(store->registerApplication(order, key("a"), "x"));
  ASSERT_TRUE(store->saveSession("t", order.id, kStart + std::chrono::minutes(30), kStart));
  ASSERT_TRUE(store->forgetOld(kStart));
  EXPECT_TRUE(store->session("t", kStart));
  EXPECT_TRUE(store->made(key("a"))->has_value());
  const Time later = kStart + std::chrono::hours(31 * 24);
  EXPECT_FALSE(store->session("t", later));
  ASSERT_TRUE(store->forgetOld(later));
  EXPECT_FALSE(store->made(key("a"))->has_value());
}

}  // namespace
}  // namespace fncard::server::store
