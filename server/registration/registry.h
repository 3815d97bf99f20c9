// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

/// The immigration database, which knows the residence permits.
namespace fncard::server::registration {

enum class PermitStatus { Valid, Unknown, Expired, Revoked, NotHolder };

struct PermitRecord {
  PermitStatus status = PermitStatus::Unknown;
  std::string name;       ///< UTF-8, as on the permit; of a valid one
  std::string birthDate;  ///< "YYYY-MM-DD"; of a valid one
};

struct RegistryError {
  std::string detail;
  bool answered = false;  ///< but not in its own language; otherwise it is out of reach
};

class Registry {
 public:
  virtual ~Registry() = default;
  virtual tl::expected<PermitRecord, RegistryError> look(const std::string& permitNumber) = 0;
};

/// GET {url}/permits/{number} → {"state": "valid|expired|revoked|unknown", "bearerIsHolder",
/// "name", "birthDate"}.
std::unique_ptr<Registry> makeHttpRegistry(const std::string& url);

}  // namespace fncard::server::registration
