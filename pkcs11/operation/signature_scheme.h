// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "pkcs11/operation/message_input.h"
#include "pkcs11/operation/preconditions.h"
#include "pkcs11/operation/rsa_pss.h"

namespace fncard::pkcs11 {

/// Mechanism, parameter and key of one signature, made or checked.
struct SignatureScheme {
  const Mechanism* mechanism = nullptr;
  std::optional<rsa_pss::Parameters> pss;
  std::shared_ptr<const Object> object;

  /// use is CKF_SIGN or CKF_VERIFY.
  static Result<SignatureScheme> read(const CK_MECHANISM& mechanism,
                                      std::shared_ptr<const Object> key, CK_FLAGS use);

  [[nodiscard]] const KeyInfo& key() const { return *object->key(); }
  /// Bytes of a signature: of the modulus, or r ‖ s.
  [[nodiscard]] std::size_t signatureSize() const {
    return key().rsa() ? key().size() : 2 * key().size();
  }
  /// Where what is signed is fed in.
  [[nodiscard]] Result<MessageInput> startInput() const;
};

}  // namespace fncard::pkcs11
