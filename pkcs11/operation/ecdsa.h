// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/status.h"

namespace fncard::pkcs11::ecdsa {

/// The form of PKCS #11 §2.3.1, r ‖ s of coordinateSize bytes each, from the card's
/// ECDSA-Sig-Value (RFC 3279 §2.2.3). CKR_DEVICE_ERROR for what is none.
Result<Bytes> rawFromDer(ByteView der, std::size_t coordinateSize);

/// The other way round; the size of raw is even.
Bytes derFromRaw(ByteView raw);

/// The digest as the curve takes it: its leftmost bytes (FIPS 186-4 §6.4).
ByteView truncated(ByteView digest, std::size_t coordinateSize);

}  // namespace fncard::pkcs11::ecdsa
