// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "card/card_application.h"
#include "card/pin.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// What the module must know to use a key of the card.
struct KeyInfo {
  card::KeyRole role = card::KeyRole::Signature;
  card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048;
  Bytes modulus;               ///< RSA
  Bytes subjectPublicKeyInfo;  ///< DER

  [[nodiscard]] bool rsa() const { return card::isRsa(algorithm); }
  /// Bytes of the modulus, or of an EC coordinate.
  [[nodiscard]] std::size_t size() const { return card::keySize(algorithm); }
};

/// One object of a token: its attributes as an application reads them. Never changes.
class Object {
 public:
  using Attributes = std::map<CK_ATTRIBUTE_TYPE, Bytes>;

  /// key is null for what is not an asymmetric key.
  Object(Attributes attributes, std::shared_ptr<const KeyInfo> key)
      : attributes_(std::move(attributes)), key_(std::move(key)) {}
  /// A secret key of a session; its CKA_VALUE stays in locked memory.
  Object(Attributes attributes, card::SecretBytes secret)
      : attributes_(std::move(attributes)), secret_(std::move(secret)) {}

  /// CKR_ATTRIBUTE_SENSITIVE for what never leaves the card (or the session key when it says so),
  /// CKR_ATTRIBUTE_TYPE_INVALID for what this object does not have.
  [[nodiscard]] Result<ByteView> attribute(CK_ATTRIBUTE_TYPE type) const;

  [[nodiscard]] bool flag(CK_ATTRIBUTE_TYPE type) const;
  /// CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE: true also when the object does not say.
  [[nodiscard]] bool allows(CK_ATTRIBUTE_TYPE type) const {
    return !attributes_.contains(type) || flag(type);
  }
  [[nodiscard]] CK_ULONG number(CK_ATTRIBUTE_TYPE type) const;  ///< or CK_UNAVAILABLE_INFORMATION
  [[nodiscard]] CK_OBJECT_CLASS objectClass() const { return number(CKA_CLASS); }
  [[nodiscard]] bool isPrivate() const { return flag(CKA_PRIVATE); }

  /// True when every attribute of the template is there with that value (PKCS #11 §5.7.6).
  [[nodiscard]] bool matches(std::span<const CK_ATTRIBUTE> wanted) const;

  /// The sum of the readable attributes, in bytes.
  [[nodiscard]] CK_ULONG size() const;

  /// The same object but for these attributes.
  [[nodiscard]] std::shared_ptr<const Object> with(const Attributes& changes) const;

  /// Null for what is not an asymmetric key.
  [[nodiscard]] const KeyInfo* key() const { return key_.get(); }

  /// The value of a secret key, however sensitive; empty for others.
  [[nodiscard]] ByteView secret() const { return secret_.bytes(); }

 private:
  Attributes attributes_;
  std::shared_ptr<const KeyInfo> key_;
  card::SecretBytes secret_;
};

/// Attribute values in the form of the standard.
Bytes booleanValue(bool value);
Bytes numberValue(CK_ULONG value);
Bytes textValue(std::string_view value);

}  // namespace fncard::pkcs11
