// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/object.h"

#include <algorithm>
#include <cstring>

#include "card/wire/tlv.h"
#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

Bytes booleanValue(bool value) {
  return {static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)};
}

Bytes numberValue(CK_ULONG value) {
  Bytes bytes(sizeof(value));
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

Bytes textValue(std::string_view value) {
  return {value.begin(), value.end()};
}

namespace {

bool isSecretPart(CK_OBJECT_CLASS objectClass, CK_ATTRIBUTE_TYPE type) {
  switch (type) {
    case CKA_PRIVATE_EXPONENT:
    case CKA_PRIME_1:
    case CKA_PRIME_2:
    case CKA_EXPONENT_1:
    case CKA_EXPONENT_2:
    case CKA_COEFFICIENT:
    case CKA_VALUE:
      return objectClass == CKO_PRIVATE_KEY;
    default:
      return false;
  }
}

}  // namespace

Result<ByteView> Object::attribute(CK_ATTRIBUTE_TYPE type) const {
  if (isSecretPart(objectClass(), type)) {
    return refuse(CKR_ATTRIBUTE_SENSITIVE, "a part of a private key");
  }
  if (type == CKA_VALUE && !secret_.empty()) {
    if (flag(CKA_SENSITIVE) || !flag(CKA_EXTRACTABLE)) {
      return refuse(CKR_ATTRIBUTE_SENSITIVE, "a sensitive secret key");
    }
    return secret_.bytes();
  }
  const auto found = attributes_.find(type);
  if (found == attributes_.end()) {
    return refuse(CKR_ATTRIBUTE_TYPE_INVALID, "the object has no such attribute");
  }
  return ByteView(found->second);
}

bool Object::flag(CK_ATTRIBUTE_TYPE type) const {
  const auto found = attributes_.find(type);
  return found != attributes_.end() && found->second == booleanValue(true);
}

CK_ULONG Object::number(CK_ATTRIBUTE_TYPE type) const {
  const auto found = attributes_.find(type);
  CK_ULONG value = CK_UNAVAILABLE_INFORMATION;
  if (found != attributes_.end() && found->second.size() == sizeof(value)) {
    std::memcpy(&value, found->second.data(), sizeof(value));
  }
  return value;
}

bool Object::matches(std::span<const CK_ATTRIBUTE> wanted) const {
  return std::ranges::all_of(wanted, [this](const CK_ATTRIBUTE& each) {
    const auto have = attribute(each.type);
    return have && have->size() == each.ulValueLen &&
           std::equal(have->begin(), have->end(), static_cast<const std::uint8_t*>(each.pValue));
  });
}

CK_ULONG Object::size() const {
  CK_ULONG total = secret_.size();
  for (const auto& [type, value] : attributes_) {
    total += value.size();
  }
  return total;
}

namespace {

Bytes idOf(card::KeyRole role) {
  return {role == card::KeyRole::Signature ? Bytes{0x02} : Bytes{0x03}};
}

std::string_view labelOf(card::KeyRole role) {
  return role == card::KeyRole::Signature ? "Signature" : "Encryption";
}

Object::Attributes commonAttributes(CK_OBJECT_CLASS objectClass, card::KeyRole role,
                                    const CertificateFields& certificate) {
  return {
      {CKA_CLASS, numberValue(objectClass)},
      {CKA_TOKEN, booleanValue(true)},
      {CKA_PRIVATE, booleanValue(objectClass == CKO_PRIVATE_KEY)},
      {CKA_MODIFIABLE, booleanValue(false)},
      {CKA_COPYABLE, booleanValue(false)},
      {CKA_DESTROYABLE, booleanValue(false)},
      {CKA_LABEL, textValue(labelOf(role))},
      {CKA_ID, idOf(role)},
      {CKA_SUBJECT, certificate.subject},
      {CKA_START_DATE, textValue(certificate.notBefore)},
      {CKA_END_DATE, textValue(certificate.notAfter)},
      {CKA_PUBLIC_KEY_INFO, certificate.subjectPublicKeyInfo},
  };
}

Object::Attributes certificateAttributes(card::KeyRole role, const CertificateFields& certificate) {
  constexpr CK_ULONG kTokenUser = 1;  // CK_CERTIFICATE_CATEGORY_TOKEN_USER
  auto attributes = commonAttributes(CKO_CERTIFICATE, role, certificate);
  attributes[CKA_CERTIFICATE_TYPE] = numberValue(CKC_X_509);
  attributes[CKA_CERTIFICATE_CATEGORY] = numberValue(kTokenUser);
  attributes[CKA_TRUSTED] = booleanValue(false);
  attributes[CKA_ISSUER] = certificate.issuer;
  attributes[CKA_SERIAL_NUMBER] = certificate.serialNumber;
  attributes[CKA_VALUE] = certificate.der;
  attributes[CKA_URL] = {};
  if (auto check = digestOf(Hash::Sha1, certificate.der)) {  // PKCS #11 §4.6.3: its first 3 bytes
    attributes[CKA_CHECK_VALUE] = Bytes(check->begin(), check->begin() + 3);
  }
  return attributes;
}

Object::Attributes keyAttributes(CK_OBJECT_CLASS objectClass, card::KeyRole role,
                                 const CertificateFields& certificate) {
  auto attributes = commonAttributes(objectClass, role, certificate);
  const bool rsa = card::isRsa(certificate.algorithm);
  attributes[CKA_KEY_TYPE] = numberValue(rsa ? CKK_RSA : CKK_EC);
  attributes[CKA_LOCAL] = booleanValue(false);  // a PIV card does not say where a key was made
  attributes[CKA_KEY_GEN_MECHANISM] = numberValue(CK_UNAVAILABLE_INFORMATION);
  if (rsa) {
    attributes[CKA_MODULUS] = certificate.modulus;
    attributes[CKA_PUBLIC_EXPONENT] = certificate.publicExponent;
    if (objectClass == CKO_PUBLIC_KEY) {
      attributes[CKA_MODULUS_BITS] = numberValue(8 * card::keySize(certificate.algorithm));
    }
  } else {
    attributes[CKA_EC_PARAMS] = certificate.ecParameters;
    // not of a private key by the standard, but libraries that make one object of both read it
    attributes[CKA_EC_POINT] = wire::encodeTlv(0x04, certificate.ecPoint);
  }
  return attributes;
}

Object::Attributes publicKeyAttributes(card::KeyRole role, const CertificateFields& certificate) {
  const bool signature = role == card::KeyRole::Signature;
  auto attributes = keyAttributes(CKO_PUBLIC_KEY, role, certificate);
  attributes[CKA_VERIFY] = booleanValue(signature);
  attributes[CKA_ENCRYPT] = booleanValue(!signature && card::isRsa(certificate.algorithm));
  attributes[CKA_DERIVE] = booleanValue(false);
  attributes[CKA_VERIFY_RECOVER] = booleanValue(false);
  attributes[CKA_WRAP] = booleanValue(false);
  attributes[CKA_TRUSTED] = booleanValue(false);
  return attributes;
}

Object::Attributes privateKeyAttributes(card::KeyRole role, const CertificateFields& certificate) {
  const bool signature = role == card::KeyRole::Signature;
  const bool rsa = card::isRsa(certificate.algorithm);
  auto attributes = keyAttributes(CKO_PRIVATE_KEY, role, certificate);
  attributes[CKA_SIGN] = booleanValue(signature);
  attributes[CKA_DECRYPT] = booleanValue(!signature && rsa);
  attributes[CKA_DERIVE] = booleanValue(!signature && !rsa);
  attributes[CKA_SIGN_RECOVER] = booleanValue(false);
  attributes[CKA_UNWRAP] = booleanValue(false);
  attributes[CKA_WRAP_WITH_TRUSTED] = booleanValue(false);
  attributes[CKA_SENSITIVE] = booleanValue(true);
  attributes[CKA_ALWAYS_SENSITIVE] = booleanValue(true);
  attributes[CKA_EXTRACTABLE] = booleanValue(false);
  attributes[CKA_NEVER_EXTRACTABLE] = booleanValue(true);
  attributes[CKA_ALWAYS_AUTHENTICATE] = booleanValue(signature);
  return attributes;
}

}  // namespace

std::vector<std::shared_ptr<const Object>> makeKeyObjects(card::KeyRole role,
                                                          const CertificateFields& certificate) {
  const auto key = std::make_shared<const KeyInfo>(
      KeyInfo{.role = role,
              .algorithm = certificate.algorithm,
              .modulus = certificate.modulus,
              .subjectPublicKeyInfo = certificate.subjectPublicKeyInfo});
  return {
      std::make_shared<const Object>(certificateAttributes(role, certificate), nullptr),
      std::make_shared<const Object>(publicKeyAttributes(role, certificate), key),
      std::make_shared<const Object>(privateKeyAttributes(role, certificate), key),
  };
}

}  // namespace fncard::pkcs11
