// SPDX-License-Identifier: Apache-2.0
#include "card/piv/known_certificates.h"

#include <utility>

namespace fncard::card::piv {

const Bytes* KnownCertificates::find(KeyRole role) {
  if (!std::exchange(loaded_, true)) {
    if (auto cached = cache_.load(known_.identity)) {
      known_.certificates.merge(cached->certificates);
    }
  }
  const auto found = known_.certificates.find(role);
  return found == known_.certificates.end() ? nullptr : &found->second;
}

void KnownCertificates::learn(KeyRole role, Bytes der) {
  const bool none = der.empty();
  known_.certificates[role] = std::move(der);
  if (!none) {
    cache_.store(known_);
  }
}

void KnownCertificates::forget() {
  loaded_ = true;
  known_.certificates.clear();
  cache_.remove(known_.identity);
}

}  // namespace fncard::card::piv
