// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/database.h"

#include <algorithm>
#include <thread>

#include "net/base64.h"
#include "server/base/random.h"

namespace fncard::server::store::sql {
namespace {

/// As long as SQLite waits for the one that writes.
constexpr std::chrono::seconds kLongestWait{10};
constexpr int kMostConflicts = 100;
constexpr int kMostDuplicates = 3;

/// Longer from try to try, and never the same for two nodes.
void waitAfterConflict(int conflicts) {
  constexpr int kDoublings = 6;
  const unsigned most = 1000U << std::min(conflicts, kDoublings);
  std::this_thread::sleep_for(std::chrono::microseconds(randomBelow(most)));
}

}  // namespace

/// A session-level advisory lock: PostgreSQL frees it when the connection ends, however that is.
class Database::AdvisoryLock final : public Turn {
 public:
  AdvisoryLock(soci::connection_pool& pool, std::string arguments)
      : lease_(pool), arguments_(std::move(arguments)) {}
  ~AdvisoryLock() override {
    if (!held_) {
      return;
    }
    try {
      lease_.connection() << "SELECT pg_advisory_unlock(" + arguments_ + ")";
    } catch (const std::exception&) {
      // whatever became of the connection, the lock must not stay in the pool
      lease_.connection().close();
    }
  }
  [[nodiscard]] soci::session& connection() const { return lease_.connection(); }
  void hold() { held_ = true; }

 private:
  Lease lease_;
  std::string arguments_;
  bool held_ = false;
};

Database::Rollback::~Rollback() {
  if (!armed) {
    return;
  }
  try {
    session << "ROLLBACK";
  } catch (const std::exception&) {
    // the database has taken the transaction back by itself
    armed = false;
  }
}

Database::Database(std::unique_ptr<Dialect> dialect, std::string node)
    : dialect_(std::move(dialect)), node_(std::move(node)), readers_(kReaders) {
  dialect_->open(writer_);
}

void Database::connect(soci::session& connection) const {
  if (connection.get_backend() == nullptr) {
    dialect_->open(connection);
  }
}

bool Database::reopen(soci::session& connection) {
  try {
    dialect_->open(connection);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool Database::isWorthAnother(const Failure& failure, bool committing, Tries& tries) {
  switch (failure.kind) {
    case FailureKind::Final:
      return false;
    case FailureKind::Conflict:
      if (++tries.conflicts > kMostConflicts ||
          std::chrono::steady_clock::now() - tries.since > kLongestWait) {
        return false;
      }
      waitAfterConflict(tries.conflicts);
      return true;
    case FailureKind::Duplicate:
      // what another wrote is seen by the next try, which then knows a better name for it
      return ++tries.duplicates < kMostDuplicates;
    case FailureKind::Lost:
      break;
  }
  const bool first = !std::exchange(tries.reopened, true);
  return reopen(writer_) && first && !committing;
}

Result<std::unique_ptr<Turn>> Database::lock(const std::string& function, int number) {
  if (!dialect_->hasTurns()) {
    return std::make_unique<Turn>();
  }
  constexpr int kOurs = 0x666E6364;  // "fncd": the database may serve others too
  const std::string arguments = std::to_string(kOurs) + ", " + std::to_string(number);
  auto lock = std::make_unique<AdvisoryLock>(readers_, arguments);
  Session session{lock->connection(), *dialect_, node_};
  const std::string query = "SELECT CAST(" + function + "(" + arguments + ") AS TEXT)";
  for (bool again = false;; again = true) {
    try {
      connect(session.connection);
      // pg_advisory_lock gives '', pg_try_advisory_lock 'true' or 'false'
      if (select<TextRow>(session, query).front() == "false") {
        return std::unique_ptr<Turn>();
      }
      lock->hold();
      return lock;
    } catch (const std::exception&) {
      const Failure failure = dialect_->failure(session.connection);
      if (failure.kind != FailureKind::Lost || again || !reopen(session.connection)) {
        return tl::unexpected(failure.error);
      }
    }
  }
}

Result<std::unique_ptr<Turn>> Database::turn(int number) {
  return lock("pg_advisory_lock", number);
}

Result<std::unique_ptr<Turn>> Database::turnIfFree(int number) {
  return lock("pg_try_advisory_lock", number);
}

std::string storedBytes(const Bytes& bytes) {
  return net::encodeBase64(bytes);
}

Bytes bytesOf(const std::string& stored) {
  auto bytes = net::decodeBase64(stored);
  if (!bytes) {
    throw std::runtime_error("the database has bytes that are no base64");
  }
  return *std::move(bytes);
}

}  // namespace fncard::server::store::sql
