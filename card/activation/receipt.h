// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "card/activation/activation.h"

namespace fncard::card::activation {

/// SHA-256("fncard activation 1" ‖ transaction ‖ nonce ‖ card number): what the card authentication
/// key signs.
Bytes proofDigest(const Begun& begun, const std::string& cardNumber);

/// The receipt (docs/activation.md): canonical JSON, UTF-8. The certificates are DER.
Bytes receiptText(const Begun& begun, ByteView signatureCertificate,
                  ByteView keyManagementCertificate, std::chrono::system_clock::time_point time);

}  // namespace fncard::card::activation
