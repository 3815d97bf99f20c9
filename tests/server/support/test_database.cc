// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support/test_database.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/server/support/postgres.h"

namespace fncard::server::testing {

bool TestDatabase::isPostgresql() {
  const char* store = std::getenv("FNCARD_TEST_STORE");  // NOLINT(concurrency-mt-unsafe)
  return store != nullptr && std::string(store) == "postgresql";
}

TestDatabase::TestDatabase() {
  if (!isPostgresql()) {
    location_ = directory_ / "server.db";
    return;
  }
  name_ = Postgres::instance().create();
  location_ = "postgresql:///" + name_ + "?host=" + Postgres::instance().host() + "&user=fncard";
}

std::unique_ptr<store::Store> TestDatabase::open(const std::string& node) const {
  auto store = store::open({.location = location_, .node = node});
  if (!store) {
    ADD_FAILURE() << store.error().detail;
    return nullptr;
  }
  return *std::move(store);
}

void TestDatabase::run(const std::string& sql) const {
  outputOf(isPostgresql()
               ? "psql -X -q -v ON_ERROR_STOP=1 -d '" + location_ + "' -c \"" + sql + "\""
               : "sqlite3 '" + location_ + "' \"" + sql + "\"");
}

std::string TestDatabase::content() const {
  if (isPostgresql()) {
    return outputOf("pg_dump -d '" + location_ + "'");
  }
  std::string content;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(location_ + suffix, std::ios::binary);
    content.append(std::istreambuf_iterator<char>(file), {});
  }
  return content;
}

}  // namespace fncard::server::testing
