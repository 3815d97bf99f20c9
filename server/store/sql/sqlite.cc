// SPDX-License-Identifier: Apache-2.0
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include "server/store/sql/dialect.h"

namespace fncard::server::store::sql {
namespace {

class Sqlite final : public Dialect {
 public:
  explicit Sqlite(std::string path) : path_(std::move(path)) {}

  void open(soci::session& connection) const override {
    constexpr const char* kOptions = "\" timeout=10 shared_cache=false";
    connection.close();
    connection.open(soci::sqlite3, "dbname=\"" + path_ + kOptions);
    std::string mode;
    connection << "PRAGMA journal_mode=WAL", soci::into(mode);
    if (mode != "wal") {
      throw std::runtime_error("SQLite cannot keep a write-ahead log beside " + path_);
    }
    connection << "PRAGMA synchronous=FULL";
    connection << "PRAGMA foreign_keys=ON";
  }

  // the write lock from the beginning
  [[nodiscard]] const char* begin() const override { return "BEGIN IMMEDIATE"; }
  [[nodiscard]] const char* taken() const override { return ""; }
  [[nodiscard]] bool hasTurns() const override { return false; }

  [[nodiscard]] Failure failure(soci::session& /*connection*/) const override {
    try {
      throw;
    } catch (const soci::sqlite3_soci_error& error) {
      constexpr int kPrimaryCode = 0xFF;
      const int code = error.result() & kPrimaryCode;
      if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        return {{ErrorCode::Busy, error.what()}};
      }
      return {{code == SQLITE_CONSTRAINT ? ErrorCode::NotUnique : ErrorCode::Failed, error.what()}};
    } catch (const UnstorableText& error) {
      return {{ErrorCode::NotFound, error.what()}};
    } catch (const std::exception& error) {
      return {{ErrorCode::Failed, error.what()}};
    }
  }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<Dialect> sqlite(const std::string& path) {
  return std::make_unique<Sqlite>(path);
}

}  // namespace fncard::server::store::sql
