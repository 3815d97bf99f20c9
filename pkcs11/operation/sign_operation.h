// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pkcs11/operation/signature_scheme.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

/// One signature from C_SignInit to its end.
class SignOperation {
 public:
  static Result<SignOperation> start(const CK_MECHANISM& mechanism,
                                     std::shared_ptr<const Object> key);

  [[nodiscard]] std::size_t resultSize() const { return scheme_.signatureSize(); }
  [[nodiscard]] bool updated() const { return updated_; }
  Status update(ByteView part);

  [[nodiscard]] bool wantsLogin() const { return scheme_.object->flag(CKA_ALWAYS_AUTHENTICATE); }
  /// C_Login(CKU_CONTEXT_SPECIFIC): kept until finish(), where the card checks it directly before
  /// the signature, in the same transaction.
  void giveLogin(SignatureLogin login) { login_ = std::move(login); }
  void dropLogin() { login_.reset(); }

  /// Asks the card. CKR_USER_NOT_LOGGED_IN without the PIN that the key wants.
  Result<Bytes> finish(Token& token, const StillWanted& stillWanted);

 private:
  SignOperation(SignatureScheme scheme, MessageInput input)
      : scheme_(std::move(scheme)), input_(std::move(input)) {}
  Result<Bytes> block(ByteView content) const;

  SignatureScheme scheme_;
  MessageInput input_;
  bool updated_ = false;
  std::optional<SignatureLogin> login_;
};

}  // namespace fncard::pkcs11
