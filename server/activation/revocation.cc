// SPDX-License-Identifier: Apache-2.0
#include "server/activation/revocation.h"

#include "server/base/time.h"
#include "server/store/errors.h"

namespace fncard::server::activation {

Result<void> Revocation::revoke(const std::string& orderId, store::RevocationReason reason,
                                const std::string& actor) {
  const auto stored = store_.revokeCard(orderId, reason, actor, clock_.now());
  if (stored) {
    return {};
  }
  return store::asError(stored.error(), "revocation.no-card");
}

int Revocation::expire() {
  constexpr int kAtOnce = 1000;
  const Time now = clock_.now();
  return store_.expireCards(dateText(taipeiDate(now)), now, kAtOnce).value_or(0);
}

}  // namespace fncard::server::activation
