// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/store/store.h"

namespace fncard::server::activation {

/// The end of a card: an officer revokes it for a person who came to the window, or its last day is
/// over. What ended never comes back; the holder may apply anew.
class Revocation {
 public:
  Revocation(store::CardStatusStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Also when it is revoked already, which keeps its first reason. Errors: 404, 409
  /// revocation.no-card (not mailed yet, or over).
  Result<void> revoke(const std::string& orderId, store::RevocationReason reason,
                      const std::string& actor);

  /// Ends the orders whose card's last day in Taipei is over. Gives how many, a thousand at most.
  int expire();

 private:
  store::CardStatusStore& store_;
  const Clock& clock_;
};

}  // namespace fncard::server::activation
