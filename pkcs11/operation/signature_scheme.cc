// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/signature_scheme.h"

namespace fncard::pkcs11 {

Result<SignatureScheme> SignatureScheme::read(const CK_MECHANISM& mechanism,
                                              std::shared_ptr<const Object> key, CK_FLAGS use) {
  const auto kind = checkUse(mechanism, *key, use);
  if (!kind) {
    return Refusal(kind.error());
  }
  SignatureScheme scheme{.mechanism = *kind, .object = std::move(key)};
  if (scheme.mechanism->family == Family::RsaPss) {
    auto pss = rsa_pss::readParameters(mechanism, *scheme.mechanism, scheme.key(), use == CKF_SIGN);
    if (!pss) {
      return passOn(pss);
    }
    scheme.pss = *pss;
  }
  return scheme;
}

Result<MessageInput> SignatureScheme::startInput() const {
  // without a digest of our own no mechanism takes more than the key has bytes; ECDSA cuts a longer
  // digest, and no digest is longer than SHA-512's
  return MessageInput::start(mechanism->hash, std::max(key().size(), hashSize(Hash::Sha512)));
}

}  // namespace fncard::pkcs11
