// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/rsa_oaep.h"

#include <algorithm>

#include "pkcs11/crypto.h"
#include "pkcs11/operation/constant_time.h"
#include "pkcs11/operation/preconditions.h"

namespace fncard::pkcs11::rsa_oaep {

Result<Parameters> readParameters(const CK_MECHANISM& mechanism) {
  constexpr CK_ULONG kLongestLabel = 65'536;
  const auto given = readParameter<CK_RSA_PKCS_OAEP_PARAMS>(mechanism);
  if (!given) {
    return Refusal(given.error());
  }
  const auto hash = hashOf(given->hashAlg);
  const auto mgf = hashOfMgf(given->mgf);
  if (!hash || !mgf) {
    return mechanismParameterInvalid("hash");
  }
  const bool labelled = given->ulSourceDataLen != 0;
  if (labelled && (given->source != CKZ_DATA_SPECIFIED || given->pSourceData == nullptr ||
                   given->ulSourceDataLen > kLongestLabel)) {
    return mechanismParameterInvalid("encoding parameter");
  }
  Parameters parameters{.hash = *hash, .mgf = *mgf};
  if (labelled) {
    const auto* label = static_cast<const std::uint8_t*>(given->pSourceData);
    parameters.label.assign(label, label + given->ulSourceDataLen);
  }
  return parameters;
}

std::size_t longestMessage(const Parameters& parameters, const KeyInfo& key) {
  return key.size() - 2 * hashSize(parameters.hash) - 2;
}

Result<card::SecretBytes> message(const Parameters& parameters, ByteView block) {
  namespace ct = constant_time;
  const std::size_t hashBytes = hashSize(parameters.hash);
  const auto labelHash = digestOf(parameters.hash, parameters.label);
  if (!labelHash) {
    return Refusal(labelHash.error());
  }
  // 00 ‖ maskedSeed ‖ maskedDB
  card::SecretBytes work(block.size());
  std::ranges::copy(block, work.bytes().begin());
  const auto seed = work.bytes().subspan(1, hashBytes);
  const auto data = work.bytes().subspan(1 + hashBytes);
  if (auto done = mgf1Xor(parameters.mgf, data, seed); !done) {
    return passOn(done);
  }
  if (auto done = mgf1Xor(parameters.mgf, seed, data); !done) {
    return passOn(done);
  }
  // DB = lHash ‖ 00… ‖ 01 ‖ message
  ct::Mask good = ct::isZero(block[0]);
  for (std::size_t i = 0; i < hashBytes; ++i) {
    good &= ct::isEqual(data[i], (*labelHash)[i]);
  }
  ct::Mask found = 0;
  std::size_t separator = 0;
  for (std::size_t i = hashBytes; i < data.size(); ++i) {
    const ct::Mask one = ct::isEqual(data[i], 1);
    good &= found | one | ct::isZero(data[i]);
    separator = ct::select(~found & one, i, separator);
    found |= one;
  }
  good &= found;
  if (good == 0) {
    return refuse(CKR_ENCRYPTED_DATA_INVALID, "the ciphertext is not for this key or label");
  }
  const auto text = data.subspan(separator + 1);
  return card::SecretBytes::take(text);
}

}  // namespace fncard::pkcs11::rsa_oaep
