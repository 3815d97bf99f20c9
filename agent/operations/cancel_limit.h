// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/operations/origin.h"

namespace fncard::agent::operations {

/// Keeps a site from asking again and again until the person gives in: cancelled twice in a row, it
/// waits. Knows only the sites that were cancelled lately.
class CancelLimit {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned kCancels = 2;
  static constexpr std::chrono::seconds kWait{30};
  static constexpr std::size_t kMaxSites = 64;  ///< the one cancelled longest ago is forgotten

  [[nodiscard]] bool mayAsk(const Origin& origin, Clock::time_point now) const;
  /// A request was answered: by a cancel, or otherwise, which forgives earlier ones.
  void answered(const Origin& origin, bool cancelled, Clock::time_point now);

 private:
  struct Site {
    std::string origin;
    unsigned cancels = 0;
    Clock::time_point last;
  };
  std::vector<Site> sites_;  // the one cancelled last is the last
};

}  // namespace fncard::agent::operations
