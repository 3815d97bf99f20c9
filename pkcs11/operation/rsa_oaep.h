// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/pin.h"
#include "pkcs11/crypto.h"
#include "pkcs11/object.h"

namespace fncard::pkcs11::rsa_oaep {

struct Parameters {
  Hash hash = Hash::Sha1;
  Hash mgf = Hash::Sha1;
  Bytes label;  ///< "encoding parameter", at most 64 KiB
};

/// CK_RSA_PKCS_OAEP_PARAMS, PKCS #11 §2.1.8.
Result<Parameters> readParameters(const CK_MECHANISM& mechanism);

/// The longest message, bytes.
std::size_t longestMessage(const Parameters& parameters, const KeyInfo& key);

/// EME-OAEP decoding, RFC 8017 §7.1.2 step 3, in constant time up to the one answer whether it is
/// right: CKR_ENCRYPTED_DATA_INVALID never says why (Manger's attack).
Result<card::SecretBytes> message(const Parameters& parameters, ByteView block);

}  // namespace fncard::pkcs11::rsa_oaep
