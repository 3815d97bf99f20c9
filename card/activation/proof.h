// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "card/activation/transaction.h"

/// What the card of a transaction signs for the issuer (docs/activation.md).
namespace fncard::card::activation {

/// By the card authentication key, without a PIN, over SHA-256(purpose ‖ transaction ‖ nonce ‖ card
/// number).
Result<Bytes> signProof(Card& card, std::string_view purpose, const Begun& begun);

struct Receipt {
  Bytes text;  ///< canonical JSON, UTF-8
  Bytes signature;
};
/// By the signature key after the PIN: that the card has this PIN and these certificates.
Result<Receipt> signReceipt(Card& card, const Begun& begun, const Pin& pin,
                            std::chrono::system_clock::time_point time);

}  // namespace fncard::card::activation
