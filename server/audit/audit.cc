// SPDX-License-Identifier: Apache-2.0
#include "server/audit/audit.h"

#include "server/base/hash.h"
#include "server/base/time.h"

namespace fncard::server::audit {

std::string firstPrevious(const std::string& node) {
  return node.empty() ? std::string(64, '0') : sha256Hex("fncard audit node 1\n" + node);
}

std::string hashOf(const Entry& entry) {
  std::string encoded = "fncard audit 1";
  for (const std::string& field :
       {std::to_string(entry.sequence), std::to_string(secondsOf(entry.at)), entry.event.actor,
        entry.event.action, entry.event.subject, entry.event.detail, entry.previous}) {
    encoded += "\n" + std::to_string(field.size()) + ":" + field;
  }
  return sha256Hex(encoded);
}

std::optional<long long> Verifier::check(const std::vector<Entry>& part) {
  for (const Entry& entry : part) {
    const long long expected = checked_ + 1;
    if (entry.sequence != expected || entry.previous != previous_ || entry.hash != hashOf(entry)) {
      return expected;
    }
    checked_ = expected;
    previous_ = entry.hash;
  }
  return std::nullopt;
}

}  // namespace fncard::server::audit
