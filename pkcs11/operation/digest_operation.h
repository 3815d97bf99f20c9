// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/mechanism.h"

namespace fncard::pkcs11 {

/// One digest from C_DigestInit to its end.
class DigestOperation {
 public:
  static Result<DigestOperation> start(const CK_MECHANISM& mechanism);

  [[nodiscard]] std::size_t resultSize() const { return hashSize(hash_); }
  [[nodiscard]] bool updated() const { return updated_; }
  Status update(ByteView part);
  Result<Bytes> finish() { return hasher_.finish(); }

 private:
  DigestOperation(Hash hash, Hasher hasher) : hash_(hash), hasher_(std::move(hasher)) {}
  Hash hash_;
  Hasher hasher_;
  bool updated_ = false;
};

}  // namespace fncard::pkcs11
