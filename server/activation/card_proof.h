// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/base/error.h"
#include "server/store/store.h"

/// What the card of a transaction proves with its keys (docs/activation.md), whatever the
/// transaction is for.
namespace fncard::server::activation {

struct Challenge {
  std::string transaction;
  std::string cardNumber;
  store::Bytes nonce;
};

/// Whether the card authentication key signed SHA-256(purpose ‖ transaction ‖ nonce ‖ card number).
Result<bool> isCardProof(store::ActivationStore& store, const Challenge& challenge,
                         std::string_view purpose, const store::Bytes& signature);

/// Whether the bytes are the transaction's receipt and the signature key signed them, which it does
/// after the PIN alone.
Result<bool> isSignedReceipt(store::ActivationStore& store, const Challenge& challenge,
                             const store::Bytes& receipt, const store::Bytes& signature);

}  // namespace fncard::server::activation
