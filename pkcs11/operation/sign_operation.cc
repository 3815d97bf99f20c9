// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/sign_operation.h"

#include "pkcs11/operation/ecdsa.h"
#include "pkcs11/operation/rsa_pkcs1.h"
#include "pkcs11/operation/rsa_raw.h"

namespace fncard::pkcs11 {

Result<SignOperation> SignOperation::start(const CK_MECHANISM& mechanism,
                                           std::shared_ptr<const Object> key) {
  auto scheme = SignatureScheme::read(mechanism, std::move(key), CKF_SIGN);
  if (!scheme) {
    return passOn(scheme);
  }
  auto input = scheme->startInput();
  if (!input) {
    return passOn(input);
  }
  return SignOperation(std::move(*scheme), std::move(*input));
}

Status SignOperation::update(ByteView part) {
  updated_ = true;
  return input_.update(part);
}

Result<Bytes> SignOperation::block(ByteView content) const {
  const KeyInfo& key = scheme_.key();
  switch (scheme_.mechanism->family) {
    case Family::RsaPkcs1:
      return rsa_pkcs1::signatureBlock(scheme_.mechanism->hash, content, key.size());
    case Family::RsaPss:
      return rsa_pss::signatureBlock(*scheme_.pss, content, key.size());
    case Family::RsaRaw:
      return rsa_raw::block(content, key.modulus);
    case Family::Ecdsa: {
      if (content.empty()) {
        return refuse(CKR_DATA_LEN_RANGE, "no digest");
      }
      const ByteView digest = ecdsa::truncated(content, key.size());
      return Bytes(digest.begin(), digest.end());
    }
    default:
      return mechanismInvalid(scheme_.mechanism->type);
  }
}

Result<Bytes> SignOperation::finish(Token& token, const StillWanted& stillWanted) {
  const auto content = input_.finish();
  if (!content) {
    return Refusal(content.error());
  }
  const auto toSign = block(*content);
  if (!toSign) {
    return Refusal(toSign.error());
  }
  const auto login = std::exchange(login_, std::nullopt);
  auto signature = token.sign(scheme_.key(), *toSign, login, stillWanted);
  if (!signature) {
    return signature;
  }
  if (!scheme_.key().rsa()) {
    return ecdsa::rawFromDer(*signature, scheme_.key().size());
  }
  if (signature->size() != scheme_.signatureSize()) {
    return refuse(CKR_DEVICE_ERROR, "the card's signature has another size");
  }
  return signature;
}

}  // namespace fncard::pkcs11
