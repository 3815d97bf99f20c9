// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "server/store/store.h"

namespace fncard::server::store {

/// Opens a SQLite database (WAL, synchronous=FULL), made with mode 0600 when it is not there, and
/// brings its schema up to date. Several processes may have it open; one that writes makes the
/// others wait up to ten seconds.
Result<std::unique_ptr<Store>> openSqlite(const std::string& path);

}  // namespace fncard::server::store
