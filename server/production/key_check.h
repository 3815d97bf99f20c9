// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/production/production.h"

namespace fncard::server::production {

/// That each key is of the order's profile ("rsa2048", "p256", "p384"; the card authentication key
/// may be of any of them), differs from the others, and signed its proof: 422
/// production.key-refused, production.proof-wrong.
Result<void> checkKeys(const std::string& jobId, const std::string& profile,
                       const PerKey<ProvenKey>& keys);

}  // namespace fncard::server::production
