// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tests/card/support/memory_card.h"

/// The private-key side of MemoryCard, by OpenSSL. Every function answers nothing for input that
/// does not fit the key.
namespace fncard::card::testing {

/// RSA without padding, or ECDSA over a digest.
Bytes privateOperation(EVP_PKEY* key, ByteView input);
/// The x coordinate of ECDH with an uncompressed point.
Bytes sharedSecret(EVP_PKEY* key, ByteView point);
Bytes cipherBlock(piv::ManagementAlgorithm algorithm, ByteView key, ByteView block);
std::optional<KeyAlgorithm> algorithmOfId(std::uint8_t id);
/// 7F49 with modulus and exponent, or the point.
Bytes publicKeyTemplate(EVP_PKEY* key);
/// One key a process, algorithm and key reference.
EVP_PKEY* sharedKey(KeyAlgorithm algorithm, std::uint8_t reference);

}  // namespace fncard::card::testing
