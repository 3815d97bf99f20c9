// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "card/cache/cache_file.h"

namespace fncard::card {

/// The certificates of the cards that this user uses, in a folder of the user's own: one file a
/// card. Nothing here ever fails: whatever is wrong with folder or file, the card is read instead.
/// A file is believed only when nobody else could have written it, and for thirty days.
class CertificateCache {
 public:
  /// At most this many cards; the file written longest ago goes first.
  static constexpr std::size_t kMaxCards = 16;

  /// FNCARD_CACHE_DIR, else $XDG_CACHE_HOME/fncard, else ~/.cache/fncard. Off when FNCARD_CACHE is
  /// "off", in a process that runs with another user's rights (secure_getenv), or when none of
  /// these is an absolute path.
  static CertificateCache ofUser();
  /// A cache in this folder; empty: off.
  explicit CertificateCache(std::string folder) : folder_(std::move(folder)) {}

  /// What is known of this very card; nothing for cards that are not of our profile.
  [[nodiscard]] std::optional<CachedCertificates> load(const CardIdentity& identity) const;
  /// Replaces the card's file as a whole. Certificates that are none are left out.
  void store(const CachedCertificates& contents) const;
  void remove(const CardIdentity& identity) const;

 private:
  std::string folder_;
};

}  // namespace fncard::card
