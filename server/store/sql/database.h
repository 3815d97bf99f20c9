// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/store/types.h"

/// Sessions, transactions and the translation of SOCI's exceptions. Nothing above sql/ sees SOCI.
namespace fncard::server::store::sql {

/// The error of the exception that is being handled.
Error currentError();

class Database {
 public:
  explicit Database(const std::string& sqlitePath);

  /// Runs work(session) in one transaction that holds the write lock from its beginning; an error
  /// or an exception takes everything back.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<soci::session&>())) {
    const std::lock_guard lock(writing_);
    try {
      writer_ << "BEGIN IMMEDIATE";
      Rollback rollback{writer_};
      auto result = work(writer_);
      if (result) {
        writer_ << "COMMIT";
        rollback.armed = false;
      }
      return result;
    } catch (const std::exception&) {
      return tl::unexpected(currentError());
    }
  }

  template <typename Work>
  auto read(Work&& work) -> decltype(work(std::declval<soci::session&>())) {
    try {
      soci::session session(readers_);
      return work(session);
    } catch (const std::exception&) {
      return tl::unexpected(currentError());
    }
  }

 private:
  static constexpr std::size_t kReaders = 4;

  struct Rollback {
    soci::session& session;
    bool armed = true;
    ~Rollback();
  };

  std::mutex writing_;
  soci::session writer_;
  soci::connection_pool readers_;
};

/// All rows of a query. Row has into(soci::statement&), which binds its members, and value().
template <typename Row, typename... Arguments>
auto select(soci::session& session, const std::string& query, const Arguments&... arguments) {
  Row row;
  soci::statement statement(session);
  row.into(statement);
  (statement.exchange(soci::use(arguments)), ...);
  statement.alloc();
  statement.prepare(query);
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
auto selectOne(soci::session& session, const char* what, const std::string& query,
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
long long execute(soci::session& session, const std::string& query, const Arguments&... arguments) {
  soci::statement statement(session);
  (statement.exchange(soci::use(arguments)), ...);
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  statement.execute(true);
  return statement.get_affected_rows();
}

std::string storedBytes(const Bytes& bytes);
Bytes bytesOf(const std::string& stored);

}  // namespace fncard::server::store::sql
