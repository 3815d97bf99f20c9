// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "server/store/store.h"

namespace fncard::server::store {

struct Options {
  /// Path of a SQLite file, or a connection URI of PostgreSQL without a password ("postgresql://…",
  /// PostgreSQL 15 manual §34.1.1.2): that comes from a file (passfile=), or the peer's socket
  /// needs none.
  std::string location;
  /// Whose audit chain this process writes; may be empty where there is one node.
  std::string node = {};
};

bool isPostgresql(const std::string& location);

/// Opens the database and brings its schema up to date; refuses one that a newer program wrote. A
/// SQLite file (WAL, synchronous=FULL) is made with mode 0600 when it is not there. Several
/// processes may have either open; one that is in another's way waits for it up to ten seconds.
Result<std::unique_ptr<Store>> open(const Options& options);

}  // namespace fncard::server::store
