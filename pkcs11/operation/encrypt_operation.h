// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/mechanism.h"
#include "pkcs11/operation/message_input.h"
#include "pkcs11/operation/rsa_oaep.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

/// One encryption with a public key, in software. All mechanisms are of one block.
class EncryptOperation {
 public:
  static Result<EncryptOperation> start(const CK_MECHANISM& mechanism,
                                        std::shared_ptr<const Object> key);

  [[nodiscard]] std::size_t resultSize() const { return key_->key()->size(); }
  [[nodiscard]] bool updated() const { return updated_; }
  Status update(ByteView part);
  /// CKR_DATA_LEN_RANGE when the message is longer than the padding leaves room for. The card is
  /// asked once whether a key that is said to be its own still is.
  Result<Bytes> finish(Token& token);

 private:
  EncryptOperation(const Mechanism* mechanism, std::shared_ptr<const Object> key,
                   MessageInput input)
      : mechanism_(mechanism), key_(std::move(key)), input_(std::move(input)) {}

  const Mechanism* mechanism_;
  std::shared_ptr<const Object> key_;
  std::optional<rsa_oaep::Parameters> oaep_;
  MessageInput input_;
  bool updated_ = false;
};

}  // namespace fncard::pkcs11
