// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/store/sql/database.h"

namespace fncard::server::store::sql {

/// Brings the schema from whatever version it has to ours, in one transaction. Refuses a database
/// that a newer program has written.
Result<void> migrate(Database& database);

}  // namespace fncard::server::store::sql
