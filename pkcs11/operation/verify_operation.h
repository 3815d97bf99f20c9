// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/operation/signature_scheme.h"

namespace fncard::pkcs11 {

/// One check of a signature with a public key, in software.
class VerifyOperation {
 public:
  static Result<VerifyOperation> start(const CK_MECHANISM& mechanism,
                                       std::shared_ptr<const Object> key);

  [[nodiscard]] bool updated() const { return updated_; }
  Status update(ByteView part);
  /// CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE.
  Status finish(ByteView signature);
  /// Bytes of a signature by this key.
  [[nodiscard]] std::size_t signatureSize() const { return scheme_.signatureSize(); }

 private:
  VerifyOperation(SignatureScheme scheme, MessageInput input)
      : scheme_(std::move(scheme)), input_(std::move(input)) {}

  SignatureScheme scheme_;
  MessageInput input_;
  bool updated_ = false;
};

/// The same with the signature given before the data (C_VerifySignatureInit of 3.2).
class SignatureCheck {
 public:
  SignatureCheck(VerifyOperation operation, ByteView signature)
      : operation_(std::move(operation)), signature_(signature.begin(), signature.end()) {}

  [[nodiscard]] bool updated() const { return operation_.updated(); }
  Status update(ByteView part) { return operation_.update(part); }
  Status finish() { return operation_.finish(signature_); }

 private:
  VerifyOperation operation_;
  Bytes signature_;
};

}  // namespace fncard::pkcs11
