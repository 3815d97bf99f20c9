// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card {

/// SHA-256 of bytes, 32 of them.
Bytes sha256(ByteView bytes);

enum class Hash { Sha256, Sha384, Sha512 };

Bytes digestOf(Hash hash, ByteView bytes);
/// Bytes of a digest.
std::size_t digestSize(Hash hash);

/// What CardApplication::sign() takes to sign a digest of this hash: for RSA the block of PKCS#1
/// v1.5 (RFC 8017 §9.2), for EC the digest, of which only the first keySize() bytes count (FIPS
/// 186-5 §6.4.1).
Bytes signatureInput(KeyAlgorithm algorithm, Hash hash, ByteView digest);

/// The same for SHA-256.
Bytes sha256SignatureInput(KeyAlgorithm algorithm, ByteView digest);

}  // namespace fncard::card
