// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/cancel_limit.h"

#include <algorithm>

namespace fncard::agent::operations {

bool CancelLimit::mayAsk(const Origin& origin, Clock::time_point now) const {
  const auto site = std::ranges::find(sites_, origin.text(), &Site::origin);
  return site == sites_.end() || site->cancels < kCancels || now - site->last >= kWait;
}

void CancelLimit::answered(const Origin& origin, bool cancelled, Clock::time_point now) {
  Site changed{.origin = origin.text()};
  const auto site = std::ranges::find(sites_, origin.text(), &Site::origin);
  if (site != sites_.end()) {
    changed = *site;
    sites_.erase(site);
  }
  if (!cancelled) {
    return;
  }
  ++changed.cancels;
  changed.last = now;
  if (sites_.size() == kMaxSites) {
    sites_.erase(sites_.begin());
  }
  sites_.push_back(changed);
}

}  // namespace fncard::agent::operations
