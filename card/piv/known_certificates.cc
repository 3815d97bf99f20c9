// SPDX-License-Identifier: Apache-2.0
#include "card/piv/known_certificates.h"

#include <utility>

namespace fncard::card::piv {

const Bytes* KnownCertificates::find(KeyRole role) {
  if (!std::exchange(loaded_, true)) {
    if (auto cached = cache_.load(known_.identity)) {
      for (auto& [each, der] : cached->certificates) {
        if (known_.certificates.try_emplace(each, std::move(der)).second) {
          unconfirmed_.insert(each);
        }
      }
    }
  }
  const auto found = known_.certificates.find(role);
  return found == known_.certificates.end() ? nullptr : &found->second;
}

const Bytes* KnownCertificates::findUnconfirmed(KeyRole role) {
  return unconfirmed_.contains(role) ? find(role) : nullptr;
}

void KnownCertificates::learn(KeyRole role, Bytes der) {
  unconfirmed_.erase(role);
  unsaved_ = unsaved_ || !der.empty();
  known_.certificates[role] = std::move(der);
}

std::optional<CachedCertificates> KnownCertificates::takeUnsaved() {
  return std::exchange(unsaved_, false) ? std::optional(known_) : std::nullopt;
}

void KnownCertificates::forget() {
  loaded_ = true;
  unsaved_ = false;
  known_.certificates.clear();
  unconfirmed_.clear();
  cache_.remove(known_.identity);
}

}  // namespace fncard::card::piv
