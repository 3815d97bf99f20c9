// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/mechanism.h"
#include "pkcs11/object.h"

namespace fncard::pkcs11::rsa_pss {

struct Parameters {
  Hash hash = Hash::Sha256;
  Hash mgf = Hash::Sha256;
  std::size_t saltSize = 0;  ///< bytes
};

/// CK_RSA_PKCS_PSS_PARAMS, PKCS #11 §2.1.10. CKR_MECHANISM_PARAM_INVALID for another hash than the
/// mechanism's, a salt that the key does not hold, and for new signatures also for SHA-1.
Result<Parameters> readParameters(const CK_MECHANISM& mechanism, const Mechanism& kind,
                                  const KeyInfo& key, bool forSigning);

/// EMSA-PSS-ENCODE with a random salt, RFC 8017 §9.1.1: the block of keySize bytes. The modulus has
/// 8 × keySize bits. CKR_DATA_LEN_RANGE for a digest of another size.
Result<Bytes> signatureBlock(const Parameters& parameters, ByteView digest, std::size_t keySize);

}  // namespace fncard::pkcs11::rsa_pss
