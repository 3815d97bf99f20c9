// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/encrypt_operation.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "pkcs11/operation/key_context.h"
#include "pkcs11/operation/preconditions.h"
#include "pkcs11/operation/rsa_pkcs1.h"
#include "pkcs11/operation/rsa_raw.h"

namespace fncard::pkcs11 {

Result<EncryptOperation> EncryptOperation::start(const CK_MECHANISM& mechanism,
                                                 std::shared_ptr<const Object> key) {
  const auto kind = checkUse(mechanism, *key, CKF_ENCRYPT);
  if (!kind) {
    return Refusal(kind.error());
  }
  const bool raw = (*kind)->family == Family::RsaRaw;
  std::size_t limit = key->key()->size() - (raw ? 0 : rsa_pkcs1::kOverhead);
  std::optional<rsa_oaep::Parameters> oaep;
  if ((*kind)->family == Family::RsaOaep) {
    auto read = rsa_oaep::readParameters(mechanism);
    if (!read) {
      return passOn(read);
    }
    limit = rsa_oaep::longestMessage(*read, *key->key());
    oaep = std::move(*read);
  }
  auto input = MessageInput::start(std::nullopt, limit);
  if (!input) {
    return passOn(input);
  }
  EncryptOperation operation(*kind, std::move(key), std::move(*input));
  operation.oaep_ = std::move(oaep);
  return operation;
}

Status EncryptOperation::update(ByteView part) {
  updated_ = true;
  return input_.update(part);
}

namespace {

bool setOaep(EVP_PKEY_CTX* context, const rsa_oaep::Parameters& parameters) {
  if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md_name(context, hashName(parameters.hash), nullptr) != 1 ||
      !setMgfDigest(context, parameters.mgf)) {
    return false;
  }
  if (parameters.label.empty()) {
    return true;
  }
  // OpenSSL takes the copy over
  void* label = OPENSSL_memdup(parameters.label.data(), parameters.label.size());
  if (label == nullptr) {
    return false;
  }
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, static_cast<int>(parameters.label.size())) !=
      1) {
    OPENSSL_free(label);
    return false;
  }
  return true;
}

}  // namespace

Result<Bytes> EncryptOperation::finish(Token& token) {
  if (auto confirmed = token.confirmKey(*key_->key()); !confirmed) {
    return passOn(confirmed);
  }
  auto message = input_.finish();
  if (message && mechanism_->family == Family::RsaRaw) {
    message = rsa_raw::block(*message, key_->key()->modulus);
  }
  if (!message) {
    return message;
  }
  const auto context = keyContext(*key_->key());
  if (!context) {
    return Refusal(context.error());
  }
  const int padding = mechanism_->family == Family::RsaRaw ? RSA_NO_PADDING : RSA_PKCS1_PADDING;
  Bytes ciphertext(resultSize());
  std::size_t size = ciphertext.size();
  if (EVP_PKEY_encrypt_init(context->get()) != 1 ||
      !(oaep_ ? setOaep(context->get(), *oaep_)
              : EVP_PKEY_CTX_set_rsa_padding(context->get(), padding) == 1) ||
      EVP_PKEY_encrypt(context->get(), ciphertext.data(), &size, message->data(),
                       message->size()) != 1) {
    return hostFailed("encryption");
  }
  OPENSSL_cleanse(message->data(), message->size());
  return ciphertext;
}

}  // namespace fncard::pkcs11
