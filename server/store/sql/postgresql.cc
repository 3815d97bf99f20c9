// SPDX-License-Identifier: Apache-2.0
#include <soci/postgresql/soci-postgresql.h>

#include <array>
#include <string_view>

#include "server/store/sql/dialect.h"

namespace fncard::server::store::sql {
namespace {

/// Of every connection. A commit waits for the disk whatever the database's default is, an answer
/// waits no longer for others than with SQLite, and an index is looked up even in a small table:
/// what a transaction reads by an index conflicts with less.
constexpr std::array kSettings = {
    "SET client_min_messages = error",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET enable_seqscan = off",
    "SET jit = off",  // which the price of a scan that is switched off would call for
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
};

bool isLost(soci::session& connection) {
  const auto* backend =
      static_cast<const soci::postgresql_session_backend*>(connection.get_backend());
  return backend == nullptr || PQstatus(backend->conn_) != CONNECTION_OK;
}

Failure failureOf(const std::string& state, const std::string& detail) {
  const std::string_view kind = std::string_view(state).substr(0, 2);
  // PostgreSQL, appendix A: 40001 serialization_failure, 40P01 deadlock_detected
  if (state == "40001" || state == "40P01") {
    return {{ErrorCode::Busy, detail}, FailureKind::Conflict};
  }
  if (state == "23505") {  // unique_violation
    return {{ErrorCode::NotUnique, detail}, FailureKind::Duplicate};
  }
  if (kind == "23") {  // integrity_constraint_violation
    return {{ErrorCode::NotUnique, detail}};
  }
  // connection_exception; 57P01 to 57P05: the server shuts down, starts or closed an idle session
  if (kind == "08" || state.starts_with("57P0")) {
    return {{ErrorCode::Busy, detail}, FailureKind::Lost};
  }
  // insufficient_resources, lock_not_available, query_canceled
  if (kind == "53" || state == "55P03" || state == "57014") {
    return {{ErrorCode::Busy, detail}};
  }
  // character_not_in_repertoire, untranslatable_character
  if (state == "22021" || state == "22P05") {
    return {{ErrorCode::NotFound, detail}};
  }
  return {{ErrorCode::Failed, detail}};
}

class Postgresql final : public Dialect {
 public:
  explicit Postgresql(std::string uri) : uri_(std::move(uri)) {}

  void open(soci::session& connection) const override {
    connection.close();
    connection.open(soci::postgresql, uri_);
    for (const char* setting : kSettings) {
      connection << setting;
    }
  }

  [[nodiscard]] const char* begin() const override { return "BEGIN ISOLATION LEVEL SERIALIZABLE"; }
  [[nodiscard]] const char* taken() const override { return " FOR UPDATE SKIP LOCKED"; }
  [[nodiscard]] bool hasTurns() const override { return true; }

  [[nodiscard]] Failure failure(soci::session& connection) const override {
    try {
      throw;
    } catch (const soci::postgresql_soci_error& error) {
      return isLost(connection) ? lost(error) : failureOf(error.sqlstate(), error.what());
    } catch (const UnstorableText& error) {
      return {{ErrorCode::NotFound, error.what()}};
    } catch (const soci::soci_error& error) {
      return isLost(connection) ? lost(error) : Failure{{ErrorCode::Failed, error.what()}};
    } catch (const std::exception& error) {
      return {{ErrorCode::Failed, error.what()}};
    }
  }

 private:
  static Failure lost(const std::exception& error) {
    return {{ErrorCode::Busy, std::string("the database cannot be reached: ") + error.what()},
            FailureKind::Lost};
  }
  std::string uri_;
};

}  // namespace

std::unique_ptr<Dialect> postgresql(const std::string& uri) {
  return std::make_unique<Postgresql>(uri);
}

}  // namespace fncard::server::store::sql
