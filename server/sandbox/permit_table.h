// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace fncard::server::sandbox {

/// What the sandbox's database has of one permit.
struct PermitEntry {
  bool unreachable = false;  ///< the look-up fails; nothing else counts then
  std::string state;         ///< "valid", "expired" or "revoked"
  bool bearerIsHolder = true;
  std::string name;
  std::string birthDate;  ///< "YYYY-MM-DD"
};

/// {"unreachable": true}, or {"state", "name", "birthDate"} and perhaps "bearerIsHolder"; nothing
/// for any other object.
std::optional<PermitEntry> readEntry(const nlohmann::json& object);

/// Looked up and changed from several threads.
class PermitTable {
 public:
  static constexpr std::size_t kMaxEntries = 100'000;

  /// False for text that is no table; the table is then as it was.
  bool load(const std::string& jsonText);
  [[nodiscard]] std::optional<PermitEntry> find(const std::string& number) const;
  /// False when the table is full.
  bool put(const std::string& number, PermitEntry entry);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, PermitEntry> entries_;
};

}  // namespace fncard::server::sandbox
