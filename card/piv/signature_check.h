// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card::piv {

/// Whether signature is what the key of a certificate (DER) gives for the input of
/// CardApplication::sign(): the padded block for RSA, the digest of keySize() bytes for EC. False
/// also for a certificate of another algorithm or without a readable key.
bool isSignatureOf(ByteView certificate, KeyAlgorithm algorithm, ByteView input,
                   ByteView signature);

}  // namespace fncard::card::piv
