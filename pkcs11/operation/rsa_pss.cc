// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/rsa_pss.h"

#include <algorithm>

#include "pkcs11/operation/preconditions.h"

namespace fncard::pkcs11::rsa_pss {

Result<Parameters> readParameters(const CK_MECHANISM& mechanism, const Mechanism& kind,
                                  const KeyInfo& key, bool forSigning) {
  const auto given = readParameter<CK_RSA_PKCS_PSS_PARAMS>(mechanism);
  if (!given) {
    return Refusal(given.error());
  }
  const auto hash = hashOf(given->hashAlg);
  const auto mgf = hashOfMgf(given->mgf);
  if (!hash || !mgf || (kind.hash && *kind.hash != *hash)) {
    return mechanismParameterInvalid("hash");
  }
  if (forSigning && (*hash == Hash::Sha1 || *mgf == Hash::Sha1)) {
    return mechanismParameterInvalid("no new signatures with SHA-1");
  }
  if (given->sLen > key.size() - hashSize(*hash) - 2) {
    return mechanismParameterInvalid("salt longer than the key holds");
  }
  return Parameters{.hash = *hash, .mgf = *mgf, .saltSize = given->sLen};
}

Result<Bytes> signatureBlock(const Parameters& parameters, ByteView digest, std::size_t keySize) {
  const std::size_t hashBytes = hashSize(parameters.hash);
  if (digest.size() != hashBytes) {
    return refuse(CKR_DATA_LEN_RANGE, "not a digest of that hash");
  }
  Bytes salt(parameters.saltSize);
  if (auto filled = randomBytes(salt); !filled) {
    return passOn(filled);
  }
  Bytes toHash(8, 0x00);
  toHash.insert(toHash.end(), digest.begin(), digest.end());
  toHash.insert(toHash.end(), salt.begin(), salt.end());
  const auto hashed = digestOf(parameters.hash, toHash);
  if (!hashed) {
    return Refusal(hashed.error());
  }
  // DB = 00… ‖ 01 ‖ salt, masked; then H; then BC. emBits is one less than the modulus: the top
  // bit goes
  Bytes block(keySize, 0x00);
  const std::size_t maskedSize = keySize - hashBytes - 1;
  block[maskedSize - salt.size() - 1] = 0x01;
  std::ranges::copy(salt, block.begin() + static_cast<std::ptrdiff_t>(maskedSize - salt.size()));
  const std::span<std::uint8_t> masked(block.data(), maskedSize);
  if (auto done = mgf1Xor(parameters.mgf, *hashed, masked); !done) {
    return passOn(done);
  }
  block[0] &= 0x7F;
  std::ranges::copy(*hashed, block.begin() + static_cast<std::ptrdiff_t>(maskedSize));
  block.back() = 0xBC;
  return block;
}

}  // namespace fncard::pkcs11::rsa_pss
