// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pkcs11/crypto.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// Shared things of one kind by random handle, in the order in which they came. A handle that is
/// not there gets the code of its kind; a closed handle stays dead.
template <typename T>
class HandleMap {
 public:
  explicit HandleMap(CK_RV missing) : missing_(missing) {}

  /// CKR_SESSION_COUNT when there are `most` already.
  Result<CK_ULONG> insert(std::shared_ptr<T> item, std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most) {
      return refuse(CKR_SESSION_COUNT, "too many sessions");
    }
    for (;;) {
      auto handle = randomHandle();
      if (!handle || position(*handle) == entries_.end()) {
        if (handle) {
          entries_.emplace_back(*handle, std::move(item));
        }
        return handle;
      }
    }
  }

  Result<std::shared_ptr<T>> find(CK_ULONG handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = position(handle);
    if (found == entries_.end()) {
      return refuse(missing_, "no such handle");
    }
    return found->second;
  }

  /// Removes and returns what wanted(item) picks. The items die with the returned list, outside of
  /// the lock.
  template <typename Wanted>
  std::vector<std::pair<CK_ULONG, std::shared_ptr<T>>> takeIf(Wanted wanted) {
    const std::lock_guard lock(mutex_);
    const auto gone = std::stable_partition(entries_.begin(), entries_.end(),
                                            [&](const auto& entry) { return !wanted(entry); });
    std::vector<Entry> taken(std::make_move_iterator(gone),
                             std::make_move_iterator(entries_.end()));
    entries_.erase(gone, entries_.end());
    return taken;
  }

  /// What of the entries (handle, item) wanted(entry) picks, in order.
  template <typename Wanted>
  std::vector<std::pair<CK_ULONG, std::shared_ptr<T>>> select(Wanted wanted) const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> selected;
    std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(selected), wanted);
    return selected;
  }

 private:
  using Entry = std::pair<CK_ULONG, std::shared_ptr<T>>;

  auto position(CK_ULONG handle) const {
    return std::find_if(entries_.begin(), entries_.end(),
                        [handle](const Entry& entry) { return entry.first == handle; });
  }

  const CK_RV missing_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace fncard::pkcs11
