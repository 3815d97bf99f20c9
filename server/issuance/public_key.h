// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/issuance/authority.h"
#include "trust/openssl.h"

namespace fncard::server::issuance {

struct PublicKey {
  trust::openssl::KeyPointer key;
  bool rsa = false;
};

/// A SubjectPublicKeyInfo that may be certified: RSA of 2048 to 4096 bits with an odd exponent of
/// at least 65537, P-256 or P-384 as an uncompressed point of the named curve; in the one DER
/// encoding of RFC 3279 §2.3 and RFC 5480 §2.1.1, and free of known faults (small factors, ROCA,
/// points off the curve). Error issuance.key-refused.
Result<PublicKey> readPublicKey(const Bytes& subjectPublicKeyInfo);

/// The moduli that a faulty key generator of some smart cards made (CVE-2017-15361): modulo each of
/// many small primes they lie in the group that 65537 generates.
bool looksLikeRoca(const BIGNUM* modulus);

}  // namespace fncard::server::issuance
