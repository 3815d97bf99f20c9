// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card {

/// SHA-256 of bytes, 32 of them.
Bytes sha256(ByteView bytes);

/// What CardApplication::sign() takes to sign a SHA-256 digest: for RSA the block of PKCS#1 v1.5
/// (RFC 8017 §9.2), for EC the digest.
Bytes sha256SignatureInput(KeyAlgorithm algorithm, ByteView digest);

}  // namespace fncard::card
