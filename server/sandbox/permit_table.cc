// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/permit_table.h"

#include <nlohmann/json.hpp>

namespace fncard::server::sandbox {
namespace {

using nlohmann::json;

template <typename T>
bool take(const json& object, const char* name, T& value, bool required) {
  const auto found = object.find(name);
  if (found == object.end()) {
    return !required;
  }
  if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) {
      return false;
    }
  } else if (!found->is_string()) {
    return false;
  }
  value = found->get<T>();
  return true;
}

bool hasOnlyKnownMembers(const json& object) {
  for (const auto& [name, value] : object.items()) {
    if (name != "unreachable" && name != "state" && name != "bearerIsHolder" && name != "name" &&
        name != "birthDate") {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<PermitEntry> readEntry(const json& object) {
  PermitEntry entry;
  if (!object.is_object() || !hasOnlyKnownMembers(object) ||
      !take(object, "unreachable", entry.unreachable, false)) {
    return std::nullopt;
  }
  if (entry.unreachable) {
    return entry;
  }
  const bool whole = take(object, "state", entry.state, true) &&
                     take(object, "bearerIsHolder", entry.bearerIsHolder, false) &&
                     take(object, "name", entry.name, true) &&
                     take(object, "birthDate", entry.birthDate, true);
  const bool known = entry.state == "valid" || entry.state == "expired" || entry.state == "revoked";
  return whole && known ? std::optional(std::move(entry)) : std::nullopt;
}

bool PermitTable::load(const std::string& jsonText) {
  const json table = json::parse(jsonText, nullptr, false);
  if (!table.is_object() || table.size() > kMaxEntries) {
    return false;
  }
  std::map<std::string, PermitEntry> entries;
  for (const auto& [number, object] : table.items()) {
    auto entry = readEntry(object);
    if (!entry) {
      return false;
    }
    entries.emplace(number, std::move(*entry));
  }
  const std::lock_guard guard(mutex_);
  entries_ = std::move(entries);
  return true;
}

std::optional<PermitEntry> PermitTable::find(const std::string& number) const {
  const std::lock_guard guard(mutex_);
  const auto found = entries_.find(number);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

bool PermitTable::put(const std::string& number, PermitEntry entry) {
  const std::lock_guard guard(mutex_);
  if (entries_.size() >= kMaxEntries && !entries_.contains(number)) {
    return false;
  }
  entries_.insert_or_assign(number, std::move(entry));
  return true;
}

}  // namespace fncard::server::sandbox
