// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

/// What is fed to an operation in one or more parts: digested on the way, or collected up to a
/// limit where the mechanism takes the bytes as they are.
class MessageInput {
 public:
  static Result<MessageInput> start(std::optional<Hash> hash, std::size_t limit);

  /// CKR_DATA_LEN_RANGE above the limit.
  Status update(ByteView part);
  /// The digest, or the bytes.
  Result<Bytes> finish();

 private:
  explicit MessageInput(std::size_t limit) : limit_(limit) {}
  std::optional<Hasher> hasher_;
  std::size_t limit_;
  Bytes collected_;
};

}  // namespace fncard::pkcs11
