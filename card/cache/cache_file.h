// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "card/card_application.h"

namespace fncard::card {

/// What the cache holds of one card. A role that is missing was not read: that a card has no
/// certificate is never kept in a file, because nothing would ever notice that it got one.
struct CachedCertificates {
  CardIdentity identity;                  ///< of our profile: see isCacheable()
  std::map<KeyRole, Bytes> certificates;  ///< DER, 1 byte to 16 KiB each

  friend bool operator==(const CachedCertificates&, const CachedCertificates&) = default;
};

/// True for cards of our profile: a card number and a GUID. Tools that administer other issuers'
/// PIV cards write new certificates under the same CHUID, so these are read each time.
bool isCacheable(const CardIdentity& identity);

/// The largest file that encodeCacheFile() makes and parseCacheFile() reads, in bytes.
inline constexpr std::size_t kMaxCacheFile = 3 * kMaxCertificate + 256;

/// Version, data objects, SHA-256 of all before it. contents must be as its comments say.
Bytes encodeCacheFile(const CachedCertificates& contents);

/// Reads only what encodeCacheFile() writes; Malformed for anything else: another version, a wrong
/// digest, a member out of its bounds or order, an identity that is not of our profile, a
/// certificate that is none.
Result<CachedCertificates> parseCacheFile(ByteView file);

}  // namespace fncard::card
