// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/decrypt_operation.h"

#include <algorithm>

#include "pkcs11/operation/preconditions.h"
#include "pkcs11/operation/rsa_pkcs1.h"

namespace fncard::pkcs11 {

Result<DecryptOperation> DecryptOperation::start(const CK_MECHANISM& mechanism,
                                                 std::shared_ptr<const Object> key) {
  const auto kind = checkUse(mechanism, *key, CKF_DECRYPT);
  if (!kind) {
    return Refusal(kind.error());
  }
  auto input = MessageInput::start(std::nullopt, key->key()->size());
  if (!input) {
    return passOn(input);
  }
  DecryptOperation operation(*kind, std::move(key), std::move(*input));
  if (operation.mechanism_->family == Family::RsaOaep) {
    auto oaep = rsa_oaep::readParameters(mechanism);
    if (!oaep) {
      return passOn(oaep);
    }
    operation.oaep_ = std::move(*oaep);
  }
  return operation;
}

std::size_t DecryptOperation::longestResult() const {
  const KeyInfo& key = *key_->key();
  switch (mechanism_->family) {
    case Family::RsaPkcs1:
      return key.size() - rsa_pkcs1::kOverhead;
    case Family::RsaOaep:
      return rsa_oaep::longestMessage(*oaep_, key);
    default:
      return key.size();
  }
}

Status DecryptOperation::update(ByteView part) {
  if (result_) {
    return operationActive();  // the message of what came before waits to be fetched
  }
  updated_ = true;
  if (auto fed = input_.update(part); !fed) {
    return refuse(CKR_ENCRYPTED_DATA_LEN_RANGE, "longer than the modulus");
  }
  return {};
}

Status DecryptOperation::decrypt(Token& token) {
  const KeyInfo& key = *key_->key();
  const auto ciphertext = input_.finish();
  if (!ciphertext) {
    return Refusal(ciphertext.error());
  }
  if (ciphertext->size() != key.size()) {
    return refuse(CKR_ENCRYPTED_DATA_LEN_RANGE, "not of the size of the modulus");
  }
  if (!std::ranges::lexicographical_compare(*ciphertext, key.modulus)) {
    return refuse(CKR_ENCRYPTED_DATA_INVALID, "not below the modulus");
  }
  auto block = token.decipher(key, *ciphertext);
  if (!block) {
    return passOn(block);
  }
  if (block->size() != key.size()) {
    return refuse(CKR_DEVICE_ERROR, "the card's answer has another size");
  }
  Result<card::SecretBytes> message = std::move(block);
  if (mechanism_->family == Family::RsaPkcs1) {
    message = rsa_pkcs1::message(std::as_const(*message).bytes(), *ciphertext, key.modulus);
  } else if (oaep_) {
    message = rsa_oaep::message(*oaep_, std::as_const(*message).bytes());
  }
  if (!message) {
    return passOn(message);
  }
  result_ = std::move(*message);
  return {};
}

}  // namespace fncard::pkcs11
