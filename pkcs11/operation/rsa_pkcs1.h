// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "card/pin.h"
#include "pkcs11/crypto.h"

namespace fncard::pkcs11::rsa_pkcs1 {

/// Bytes that the padding takes at least, RFC 8017 §7.2.1 and §9.2.
inline constexpr std::size_t kOverhead = 11;

/// The block of a signature, EMSA-PKCS1-v1_5 (RFC 8017 §9.2). With a hash, data is its digest and
/// gets the DigestInfo; without, data is the whole of what is padded. CKR_DATA_LEN_RANGE when it
/// does not fit.
Result<Bytes> signatureBlock(std::optional<Hash> hash, ByteView data, std::size_t blockSize);

/// The message in a block that the card deciphered (RSAES-PKCS1-v1_5), in constant time and with
/// implicit rejection: a block that is not padded rightly yields a message that looks like any
/// other, the same for the same ciphertext, so that nobody learns from an answer or its time which
/// one it was. keyIdentifier tells one key from another.
Result<card::SecretBytes> message(ByteView block, ByteView ciphertext, ByteView keyIdentifier);

}  // namespace fncard::pkcs11::rsa_pkcs1
