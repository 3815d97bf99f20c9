// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <soci/soci.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/store/sql/dialect.h"
#include "server/store/turn.h"

/// Connections, transactions and the translation of SOCI's exceptions. Nothing above sql/ sees
/// SOCI.
namespace fncard::server::store::sql {

/// What an intent runs on.
struct Session {
  soci::session& connection;
  const Dialect& dialect;
  const std::string& node;  ///< whose audit chain it writes
};

/// What nodes take turns at: numbers of PostgreSQL's advisory locks.
constexpr int kMigrationTurn = 0;
constexpr int kUpkeepTurn = 1;
constexpr int kFirstCrlTurn = 16;  ///< and the shard

class Database {
 public:
  /// Connects; throws.
  Database(std::unique_ptr<Dialect> dialect, std::string node);

  /// Runs work(session) in one transaction; an error or an exception takes everything back. Where
  /// another transaction was in the way or the connection had been lost, work runs again, at most
  /// ten seconds: it must change nothing but the database. A connection that is lost while it
  /// commits leaves open whether it did: Busy, as when nothing happened.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<Session&>())) {
    const std::lock_guard lock(writing_);
    Session session{writer_, *dialect_, node_};
    Tries tries;
    while (true) {
      bool committing = false;
      try {
        writer_ << dialect_->begin();
        Rollback rollback{writer_};
        auto result = work(session);
        if (result) {
          committing = true;
          writer_ << "COMMIT";
          rollback.armed = false;
        }
        return result;
      } catch (const std::exception&) {
        const Failure failure = dialect_->failure(writer_);
        if (!isWorthAnother(failure, committing, tries)) {
          return tl::unexpected(failure.error);
        }
      }
    }
  }

  /// Runs work(session), one query, on a connection of its own.
  template <typename Work>
  auto read(Work&& work) -> decltype(work(std::declval<Session&>())) {
    const Lease lease(readers_);
    Session session{lease.connection(), *dialect_, node_};
    for (bool again = false;; again = true) {
      try {
        connect(session.connection);
        return work(session);
      } catch (const std::exception&) {
        const Failure failure = dialect_->failure(session.connection);
        if (failure.kind != FailureKind::Lost || again || !reopen(session.connection)) {
          return tl::unexpected(failure.error);
        }
      }
    }
  }

  /// Waits, at most ten seconds (Busy), until no other connection has the turn.
  Result<std::unique_ptr<Turn>> turn(int number);
  /// Null: another has it.
  Result<std::unique_ptr<Turn>> turnIfFree(int number);

 private:
  /// A reader, back in the pool when it goes.
  class Lease {
   public:
    explicit Lease(soci::connection_pool& pool) : pool_(pool), position_(pool.lease()) {}
    ~Lease() { pool_.give_back(position_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] soci::session& connection() const { return pool_.at(position_); }

   private:
    soci::connection_pool& pool_;
    std::size_t position_;
  };
  struct Rollback {
    soci::session& session;
    bool armed = true;
    ~Rollback();
  };
  struct Tries {
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    int conflicts = 0;
    int duplicates = 0;
    bool reopened = false;
  };
  class AdvisoryLock;

  /// Waits a little, or connects again, when that may help.
  bool isWorthAnother(const Failure& failure, bool committing, Tries& tries);
  /// Readers connect when they are needed first.
  void connect(soci::session& connection) const;
  bool reopen(soci::session& connection);
  Result<std::unique_ptr<Turn>> lock(const std::string& function, int number);

  static constexpr std::size_t kReaders = 6;

  std::unique_ptr<Dialect> dialect_;
  std::string node_;
  std::mutex writing_;
  soci::session writer_;
  soci::connection_pool readers_;
};

/// Lends a value to the statement. Texts end at a NUL for PostgreSQL.
template <typename Value>
void bind(soci::statement& statement, const Value& value) {
  if constexpr (std::is_same_v<Value, std::string>) {
    if (value.find('\0') != std::string::npos) {
      throw UnstorableText();
    }
  }
  statement.exchange(soci::use(value));
}

/// All rows of a query. Row has into(soci::statement&), which binds its members, and value().
template <typename Row, typename... Arguments>
auto select(Session& session, const std::string& query, const Arguments&... arguments) {
  Row row;
  soci::statement statement(session.connection);
  row.into(statement);
  (bind(statement, arguments), ...);
  statement.alloc();
  statement.prepare(query, soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute();
  std::vector<decltype(row.value())> values;
  while (statement.fetch()) {
    values.push_back(row.value());
  }
  return values;
}

/// The first row, or NotFound with the name of what was looked for.
template <typename Row, typename... Arguments>
auto selectOne(Session& session, const char* what, const std::string& query,
               const Arguments&... arguments) -> Result<decltype(std::declval<Row>().value())> {
  auto values = select<Row>(session, query, arguments...);
  if (values.empty()) {
    return tl::unexpected(Error{ErrorCode::NotFound, what});
  }
  return std::move(values.front());
}

struct NumberRow {
  long long number = 0;
  void into(soci::statement& statement) { statement.exchange(soci::into(number)); }
  [[nodiscard]] long long value() const { return number; }
};

struct TextRow {
  std::string text;
  void into(soci::statement& statement) { statement.exchange(soci::into(text)); }
  [[nodiscard]] std::string value() const { return text; }
};

/// Rows changed by an INSERT, UPDATE or DELETE.
template <typename... Arguments>
long long execute(Session& session, const std::string& query, const Arguments&... arguments) {
  soci::statement statement(session.connection);
  (bind(statement, arguments), ...);
  statement.alloc();
  statement.prepare(query, soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute(true);
  return statement.get_affected_rows();
}

std::string storedBytes(const Bytes& bytes);
Bytes bytesOf(const std::string& stored);

}  // namespace fncard::server::store::sql
