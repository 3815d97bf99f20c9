// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>

#include "card/piv/known_certificates.h"
#include "card/reader.h"

namespace fncard::card::piv {

/// What a card and its applications share while the card stays in the reader.
struct CardState {
  CardState(std::unique_ptr<Connection> open, CardIdentity who, CertificateCache cache,
            bool mayCompare)
      : connection(std::move(open)),
        identity(std::move(who)),
        certificates(std::move(cache), identity),
        comparable(mayCompare) {}

  std::unique_ptr<Connection> connection;
  CardIdentity identity;
  KnownCertificates certificates;
  /// identity is what the card's CHUID says. Otherwise there is one transaction only, which began
  /// with SELECT, and what is selected is not asked again.
  const bool comparable;
  /// Something went wrong in an earlier transaction: select and compare before anything else.
  std::atomic<bool> doubtful = false;
  /// Another program was seen to select another application: compare before each PIN.
  std::atomic<bool> shared = false;
};

}  // namespace fncard::card::piv
