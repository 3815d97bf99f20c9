// SPDX-License-Identifier: Apache-2.0
#include "server/store/open.h"

#include <fcntl.h>
#include <unistd.h>

#include "server/store/sql/migrations.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store {

Result<std::unique_ptr<Store>> openSqlite(const std::string& path) {
  // made here, because SQLite would let others read it
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return tl::unexpected(Error{ErrorCode::Failed, "cannot open the database " + path});
  }
  ::close(file);
  if (path.find('"') != std::string::npos) {
    return tl::unexpected(
        Error{ErrorCode::Failed, "the database's path must not contain a quotation mark"});
  }
  try {
    auto store = std::make_unique<sql::SqlStore>(path);
    auto migrated = sql::migrate(store->database());
    if (!migrated) {
      return tl::unexpected(migrated.error());
    }
    return store;
  } catch (const std::exception&) {
    return tl::unexpected(sql::currentError());
  }
}

}  // namespace fncard::server::store
