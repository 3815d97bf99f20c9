// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace fncard::server::testing {

/// The PostgreSQL of this test program, by tests/support/postgres.py: started when it is first
/// asked for, gone when the program ends, however that is. Ends the program with 77 (skipped) on a
/// machine without PostgreSQL.
class Postgres {
 public:
  static Postgres& instance();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  /// The folder of its socket: the host of a connection.
  [[nodiscard]] const std::string& host() const { return host_; }
  /// The name of a new, empty database.
  std::string create();

 private:
  Postgres();
  ~Postgres();

  pid_t process_ = 0;
  int input_ = -1;  ///< it stays until this is closed
  std::string host_;
  int databases_ = 0;
};

/// A program's standard output. A failure of the test when it does not end with 0.
std::string outputOf(const std::string& command);

}  // namespace fncard::server::testing
