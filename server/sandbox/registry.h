// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/server.h"

namespace fncard::server::sandbox {

struct RegistryOptions {
  std::uint16_t port = 0;  ///< on 127.0.0.1; 0: any free one
  std::string table;       ///< JSON object of records by permit number; empty: builtInTable()
};

/// The stand-in for the Immigration Agency's database. GET /permits/{number} answers what the table
/// has; PUT /permits/{number} changes it. ErrorCode::Malformed for a table that is none.
net::Result<std::unique_ptr<net::Server>> startRegistry(const RegistryOptions& options);

/// One permit for each case that registration must tell apart; README.md names them.
std::string builtInTable();

}  // namespace fncard::server::sandbox
