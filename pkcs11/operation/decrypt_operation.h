// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pkcs11/mechanism.h"
#include "pkcs11/operation/message_input.h"
#include "pkcs11/operation/rsa_oaep.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

/// One decryption from C_DecryptInit to its end. All mechanisms are of one block.
class DecryptOperation {
 public:
  static Result<DecryptOperation> start(const CK_MECHANISM& mechanism,
                                        std::shared_ptr<const Object> key);

  /// The longest that the message can be; how long it is, only the card's answer tells.
  [[nodiscard]] std::size_t longestResult() const;
  [[nodiscard]] bool updated() const { return updated_; }
  Status update(ByteView part);

  /// Asks the card, once: a second call after CKR_BUFFER_TOO_SMALL gives the same answer. Empty
  /// before the first call.
  [[nodiscard]] const std::optional<card::SecretBytes>& result() const { return result_; }
  Status decrypt(Token& token);

 private:
  DecryptOperation(const Mechanism* mechanism, std::shared_ptr<const Object> key,
                   MessageInput input)
      : mechanism_(mechanism), key_(std::move(key)), input_(std::move(input)) {}

  const Mechanism* mechanism_;
  std::shared_ptr<const Object> key_;
  std::optional<rsa_oaep::Parameters> oaep_;
  MessageInput input_;
  bool updated_ = false;
  std::optional<card::SecretBytes> result_;
};

}  // namespace fncard::pkcs11
