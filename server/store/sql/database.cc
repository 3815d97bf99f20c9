// SPDX-License-Identifier: Apache-2.0
#include "server/store/sql/database.h"

#include <sqlite3.h>

#include "net/base64.h"

namespace fncard::server::store::sql {
namespace {

void prepare(soci::session& session, const std::string& path) {
  constexpr const char* kOptions = "\" timeout=10 shared_cache=false";
  session.open(soci::sqlite3, "dbname=\"" + path + kOptions);
  session << "PRAGMA synchronous=FULL";
  session << "PRAGMA foreign_keys=ON";
}

}  // namespace

Error currentError() {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    constexpr int kPrimaryCode = 0xFF;
    const int code = error.result() & kPrimaryCode;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      return {ErrorCode::Busy, error.what()};
    }
    return {code == SQLITE_CONSTRAINT ? ErrorCode::NotUnique : ErrorCode::Failed, error.what()};
  } catch (const std::exception& error) {
    return {ErrorCode::Failed, error.what()};
  }
}

Database::Rollback::~Rollback() {
  if (!armed) {
    return;
  }
  try {
    session << "ROLLBACK";
  } catch (const std::exception&) {
    // SQLite has taken the transaction back by itself
    armed = false;
  }
}

Database::Database(const std::string& sqlitePath) : readers_(kReaders) {
  prepare(writer_, sqlitePath);
  std::string mode;
  writer_ << "PRAGMA journal_mode=WAL", soci::into(mode);
  if (mode != "wal") {
    throw std::runtime_error("SQLite cannot keep a write-ahead log beside " + sqlitePath);
  }
  for (std::size_t i = 0; i < kReaders; ++i) {
    prepare(readers_.at(i), sqlitePath);
  }
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
