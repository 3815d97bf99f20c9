// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/error.h"

namespace fncard::agent::operations {

/// r and s of coordinateSize bytes each (IEEE P1363) of a DER ECDSA-Sig-Value (RFC 3279 §2.2.3).
/// Malformed for anything else.
card::Result<Bytes> rawEcdsaSignature(ByteView der, std::size_t coordinateSize);

}  // namespace fncard::agent::operations
