// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "server/store/open.h"
#include "tests/server/hsm/test_token.h"

namespace fncard::server::testing {

/// An empty database for one test: a SQLite file, or, with FNCARD_TEST_STORE=postgresql in the
/// environment, a database of the one PostgreSQL that this test program starts and ends.
class TestDatabase {
 public:
  TestDatabase();
  [[nodiscard]] static bool isPostgresql();
  [[nodiscard]] const std::string& location() const { return location_; }
  /// A failure of the test and null when it cannot be opened.
  [[nodiscard]] std::unique_ptr<store::Store> open(const std::string& node = "") const;
  /// Runs SQL past the store, as somebody with the database's own client does.
  void run(const std::string& sql) const;
  /// Everything that is stored, in whatever form: to look for what must not be there.
  [[nodiscard]] std::string content() const;

 private:
  hsm::testing::TestDirectory directory_;
  std::string name_;
  std::string location_;
};

}  // namespace fncard::server::testing
