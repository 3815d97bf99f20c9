// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/base/clock.h"

/// The record of who did what when: a chain for each node of the server. Each entry carries the
/// hash of the one before it, so that nothing can be changed, taken out or put in without trace.
/// What happened is written in the same database transaction as the record of it.
namespace fncard::server::audit {

/// What a caller says; never a name, a permit number, a code or a key: identifiers only.
struct Event {
  std::string actor;    ///< "officer:NAME", "station:NAME", "applicant", "gateway", "system"
  std::string action;   ///< "order.paid", …
  std::string subject;  ///< order, job, transaction or certificate
  std::string detail;
};

struct Entry {
  long long sequence = 0;  ///< from 1, without gaps
  Time at{};               ///< whole seconds
  Event event;
  std::string previous;  ///< hash of the entry before, or firstPrevious() of the node
  std::string hash;
};

/// Binds a chain to its node: the hash of the node's name, or 64 zeros without one.
std::string firstPrevious(const std::string& node);

/// SHA-256 over "fncard audit 1" and each field with its length before it, so that no two entries
/// have one encoding.
std::string hashOf(const Entry& entry);

/// Checks a chain in order of sequence, a part at a time.
class Verifier {
 public:
  explicit Verifier(const std::string& node) : previous_(firstPrevious(node)) {}
  /// The sequence number that is wrong first, or nothing.
  std::optional<long long> check(const std::vector<Entry>& part);
  [[nodiscard]] long long checked() const { return checked_; }
  [[nodiscard]] const std::string& lastHash() const { return previous_; }

 private:
  long long checked_ = 0;
  std::string previous_;
};

}  // namespace fncard::server::audit
