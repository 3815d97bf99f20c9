// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "card/cache/certificate_cache.h"

namespace fncard::card::piv {

/// The certificates of one open card: read from it or from the cache, and kept in memory. Used
/// inside transactions only, which take turns.
class KnownCertificates {
 public:
  KnownCertificates(CertificateCache cache, const CardIdentity& identity)
      : cache_(std::move(cache)), known_{.identity = identity} {}

  /// Null when nothing is known; an empty certificate stands for "the card has none". Valid until
  /// the next call of another function.
  const Bytes* find(KeyRole role);
  /// The same where find() has told it and nothing but the cache says so.
  const Bytes* findUnconfirmed(KeyRole role);
  /// The card has the certificate that the cache has.
  void confirm(KeyRole role) { unconfirmed_.erase(role); }
  /// der is empty for "none", which is kept in memory only.
  void learn(KeyRole role, Bytes der);
  /// What was learned since the last call and belongs into the cache: to be stored when the
  /// transaction is over, so that no other program waits for a disk, and once for all of a card.
  std::optional<CachedCertificates> takeUnsaved();
  [[nodiscard]] const CertificateCache& cache() const { return cache_; }
  /// All of the card's, in memory and in the cache: where one was replaced, others may be too.
  void forget();

 private:
  const CertificateCache cache_;
  CachedCertificates known_;
  std::set<KeyRole> unconfirmed_;
  bool loaded_ = false;
  bool unsaved_ = false;
};

}  // namespace fncard::card::piv
