// SPDX-License-Identifier: Apache-2.0
#include "server/store/open.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include "server/store/sql/migrations.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store {
namespace {

tl::unexpected<Error> refuse(std::string sentence) {
  return tl::unexpected(Error{ErrorCode::Failed, std::move(sentence)});
}

Result<std::unique_ptr<sql::Dialect>> sqliteFor(const std::string& path) {
  if (path.find('"') != std::string::npos) {
    return refuse("the database's path must not contain a quotation mark");
  }
  // made here, because SQLite would let others read it
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return refuse("cannot open the database " + path);
  }
  ::close(file);
  return sql::sqlite(path);
}

/// With what every connection of ours says to libpq, unless the URI says it.
Result<std::unique_ptr<sql::Dialect>> postgresqlFor(const std::string& uri) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(uri.c_str(), &message), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, &PQfreemem);
  if (!options) {
    return refuse("the database's address is not one of PostgreSQL's");
  }
  std::string complete = uri;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    const bool given = option->val != nullptr;
    if (keyword == "password" && given) {
      return refuse(
          "the address must not hold a password: write it to a file in PostgreSQL's format,"
          " readable by its owner alone, and name it: passfile=FILE");
    }
    for (const auto& [name, value] : {std::pair{"connect_timeout", "5"},
                                      {"tcp_user_timeout", "10000"},
                                      {"fallback_application_name", "fncard-server"},
                                      {"client_encoding", "UTF8"}}) {
      if (keyword == name && !given) {
        complete += (complete.find('?') == std::string::npos ? "?" : "&") + keyword + "=" + value;
      }
    }
  }
  return sql::postgresql(complete);
}

}  // namespace

bool isPostgresql(const std::string& location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

Result<std::unique_ptr<Store>> open(const Options& options) {
  auto dialect = isPostgresql(options.location) ? postgresqlFor(options.location)
                                                : sqliteFor(options.location);
  if (!dialect) {
    return tl::unexpected(dialect.error());
  }
  try {
    auto store = std::make_unique<sql::SqlStore>(*std::move(dialect), options.node);
    auto migrated = sql::migrate(store->database());
    if (!migrated) {
      return tl::unexpected(migrated.error());
    }
    return store;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace fncard::server::store
