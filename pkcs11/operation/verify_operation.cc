// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/verify_operation.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "pkcs11/operation/ecdsa.h"
#include "pkcs11/operation/key_context.h"
#include "pkcs11/operation/rsa_raw.h"

namespace fncard::pkcs11 {

Result<VerifyOperation> VerifyOperation::start(const CK_MECHANISM& mechanism,
                                               std::shared_ptr<const Object> key) {
  auto scheme = SignatureScheme::read(mechanism, std::move(key), CKF_VERIFY);
  if (!scheme) {
    return passOn(scheme);
  }
  auto input = scheme->startInput();
  if (!input) {
    return passOn(input);
  }
  return VerifyOperation(std::move(*scheme), std::move(*input));
}

Status VerifyOperation::update(ByteView part) {
  updated_ = true;
  return input_.update(part);
}

namespace {

Refusal signatureInvalid() {
  return refuse(CKR_SIGNATURE_INVALID, "the signature is wrong");
}

bool setUp(EVP_PKEY_CTX* context, const SignatureScheme& scheme) {
  if (EVP_PKEY_verify_init(context) != 1) {
    return false;
  }
  const auto hash = scheme.mechanism->hash;
  switch (scheme.mechanism->family) {
    case Family::RsaPkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
             (!hash || setDigest(context, *hash));
    case Family::RsaPss:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             setDigest(context, scheme.pss->hash) && setMgfDigest(context, scheme.pss->mgf) &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, static_cast<int>(scheme.pss->saltSize)) == 1;
    default:
      return true;
  }
}

Status verifyRaw(EVP_PKEY_CTX* context, const SignatureScheme& scheme, ByteView content,
                 ByteView signature) {
  const auto expected = rsa_raw::block(content, scheme.key().modulus);
  if (!expected) {
    return Refusal(expected.error());
  }
  Bytes recovered(scheme.key().size());
  std::size_t size = recovered.size();
  if (EVP_PKEY_encrypt_init(context) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) != 1 ||
      EVP_PKEY_encrypt(context, recovered.data(), &size, signature.data(), signature.size()) != 1 ||
      recovered != *expected) {
    return signatureInvalid();
  }
  return {};
}

}  // namespace

Status VerifyOperation::finish(ByteView signature) {
  const auto content = input_.finish();
  if (!content) {
    return Refusal(content.error());
  }
  if (signature.size() != scheme_.signatureSize()) {
    return refuse(CKR_SIGNATURE_LEN_RANGE, "a signature of this key has another size");
  }
  const auto context = keyContext(scheme_.key());
  if (!context) {
    return Refusal(context.error());
  }
  if (scheme_.mechanism->family == Family::RsaRaw) {
    return verifyRaw(context->get(), scheme_, *content, signature);
  }
  const bool ec = scheme_.mechanism->family == Family::Ecdsa;
  const Bytes encoded =
      ec ? ecdsa::derFromRaw(signature) : Bytes(signature.begin(), signature.end());
  const ByteView signedBytes =
      ec ? ecdsa::truncated(*content, scheme_.key().size()) : ByteView(*content);
  if (!setUp(context->get(), scheme_)) {
    return hostFailed("verification");
  }
  if (EVP_PKEY_verify(context->get(), encoded.data(), encoded.size(), signedBytes.data(),
                      signedBytes.size()) != 1) {
    return signatureInvalid();
  }
  return {};
}

}  // namespace fncard::pkcs11
