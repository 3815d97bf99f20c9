// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/card_objects.h"

#include <array>

#include "card/wire/bytes.h"
#include "card/wire/tlv.h"
#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

namespace {

constexpr CK_ULONG kTokenUser = 1;  // CK_CERTIFICATE_CATEGORY_TOKEN_USER
constexpr CK_ULONG kAuthority = 2;  // CK_CERTIFICATE_CATEGORY_AUTHORITY

Bytes idOf(card::KeyRole role) {
  return role == card::KeyRole::Signature ? Bytes{0x02} : Bytes{0x03};
}

std::string_view labelOf(card::KeyRole role) {
  return role == card::KeyRole::Signature ? "Signature" : "Encryption";
}

/// An object of the card: there for good, and nothing about it changes.
Object::Attributes tokenObject(CK_OBJECT_CLASS objectClass, std::string_view label,
                               const Bytes& id) {
  return {
      {CKA_CLASS, numberValue(objectClass)},
      {CKA_TOKEN, booleanValue(true)},
      {CKA_PRIVATE, booleanValue(objectClass == CKO_PRIVATE_KEY)},
      {CKA_MODIFIABLE, booleanValue(false)},
      {CKA_COPYABLE, booleanValue(false)},
      {CKA_DESTROYABLE, booleanValue(false)},
      {CKA_LABEL, textValue(label)},
      // unique on its token, and the same each time
      {CKA_UNIQUE_ID, textValue(std::to_string(objectClass) + "-" + wire::toHex(id))},
  };
}

Object::Attributes certificateAttributes(CK_ULONG category, std::string_view label, const Bytes& id,
                                         const CertificateFields& certificate) {
  auto attributes = tokenObject(CKO_CERTIFICATE, label, id);
  attributes.merge(attributesOf(certificate));
  attributes[CKA_ID] = id;
  attributes[CKA_CERTIFICATE_CATEGORY] = numberValue(category);
  return attributes;
}

Object::Attributes keyAttributes(CK_OBJECT_CLASS objectClass, card::KeyRole role,
                                 const CertificateFields& certificate, const PublicKeyFields& key) {
  auto attributes = tokenObject(objectClass, labelOf(role), idOf(role));
  attributes.merge(attributesOf(key));
  attributes[CKA_ID] = idOf(role);
  attributes[CKA_SUBJECT] = certificate.subject;
  attributes[CKA_START_DATE] = textValue(certificate.notBefore);
  attributes[CKA_END_DATE] = textValue(certificate.notAfter);
  attributes[CKA_LOCAL] = booleanValue(false);  // a PIV card does not say where a key was made
  attributes[CKA_KEY_GEN_MECHANISM] = numberValue(CK_UNAVAILABLE_INFORMATION);
  return attributes;
}

Object::Attributes publicKeyAttributes(card::KeyRole role, const CertificateFields& certificate,
                                       const PublicKeyFields& key) {
  const bool signature = role == card::KeyRole::Signature;
  auto attributes = keyAttributes(CKO_PUBLIC_KEY, role, certificate, key);
  attributes[CKA_VERIFY] = booleanValue(signature);
  attributes[CKA_ENCRYPT] = booleanValue(!signature && card::isRsa(key.algorithm));
  attributes[CKA_DERIVE] = booleanValue(false);
  attributes[CKA_VERIFY_RECOVER] = booleanValue(false);
  attributes[CKA_WRAP] = booleanValue(false);
  attributes[CKA_TRUSTED] = booleanValue(false);
  return attributes;
}

Object::Attributes privateKeyAttributes(card::KeyRole role, const CertificateFields& certificate,
                                        const PublicKeyFields& key, bool pinForEach) {
  const bool signature = role == card::KeyRole::Signature;
  const bool rsa = card::isRsa(key.algorithm);
  auto attributes = keyAttributes(CKO_PRIVATE_KEY, role, certificate, key);
  attributes.erase(CKA_MODULUS_BITS);  // of public keys only
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
  attributes[CKA_ALWAYS_AUTHENTICATE] = booleanValue(signature && pinForEach);
  return attributes;
}

}  // namespace

Object::Attributes attributesOf(const CertificateFields& certificate) {
  Object::Attributes attributes{
      {CKA_CERTIFICATE_TYPE, numberValue(CKC_X_509)},
      {CKA_TRUSTED, booleanValue(false)},
      {CKA_SUBJECT, certificate.subject},
      {CKA_ISSUER, certificate.issuer},
      {CKA_SERIAL_NUMBER, certificate.serialNumber},
      {CKA_VALUE, certificate.der},
      {CKA_PUBLIC_KEY_INFO, certificate.publicKeyInfo},
      {CKA_START_DATE, textValue(certificate.notBefore)},
      {CKA_END_DATE, textValue(certificate.notAfter)},
      {CKA_URL, {}},
  };
  if (auto check = digestOf(Hash::Sha1, certificate.der)) {  // PKCS #11 §4.6.3: its first 3 bytes
    attributes[CKA_CHECK_VALUE] = Bytes(check->begin(), check->begin() + 3);
  }
  return attributes;
}

Object::Attributes attributesOf(const PublicKeyFields& key) {
  const bool rsa = card::isRsa(key.algorithm);
  Object::Attributes attributes{{CKA_KEY_TYPE, numberValue(rsa ? CKK_RSA : CKK_EC)},
                                {CKA_PUBLIC_KEY_INFO, key.subjectPublicKeyInfo}};
  if (rsa) {
    attributes[CKA_MODULUS] = key.modulus;
    attributes[CKA_PUBLIC_EXPONENT] = key.publicExponent;
    attributes[CKA_MODULUS_BITS] = numberValue(8 * card::keySize(key.algorithm));
  } else {
    attributes[CKA_EC_PARAMS] = key.ecParameters;
    // not of a private key by the standard, but libraries that make one object of both read it
    attributes[CKA_EC_POINT] = wire::encodeTlv(0x04, key.ecPoint);
  }
  return attributes;
}

std::shared_ptr<const KeyInfo> keyInfo(card::KeyRole role, const PublicKeyFields& key) {
  return std::make_shared<const KeyInfo>(KeyInfo{.role = role,
                                                 .algorithm = key.algorithm,
                                                 .modulus = key.modulus,
                                                 .subjectPublicKeyInfo = key.subjectPublicKeyInfo});
}

Objects makeKeyObjects(card::KeyRole role, const CertificateFields& certificate,
                       const PublicKeyFields& key, bool pinForEach) {
  const auto info = keyInfo(role, key);
  return {
      std::make_shared<const Object>(
          certificateAttributes(kTokenUser, labelOf(role), idOf(role), certificate), nullptr),
      std::make_shared<const Object>(publicKeyAttributes(role, certificate, key), info),
      std::make_shared<const Object>(privateKeyAttributes(role, certificate, key, pinForEach),
                                     info),
  };
}

std::shared_ptr<const Object> makeAuthorityObject(const CertificateFields& certificate) {
  const auto id = digestOf(Hash::Sha1, certificate.publicKeyInfo);
  auto attributes =
      certificateAttributes(kAuthority, certificate.name, id.value_or(Bytes()), certificate);
  // an authority may have several certificates for one key
  const auto unique = digestOf(Hash::Sha1, certificate.der);
  attributes[CKA_UNIQUE_ID] = textValue("authority-" + wire::toHex(unique.value_or(Bytes())));
  return std::make_shared<const Object>(std::move(attributes), nullptr);
}

Objects makeProfileObjects() {
  struct Profile {
    CK_ULONG id;
    std::string_view label;
  };
  constexpr std::array kProfiles{
      Profile{CKP_BASELINE_PROVIDER, "Baseline Provider"},
      Profile{CKP_AUTHENTICATION_TOKEN, "Authentication Token"},
      Profile{CKP_PUBLIC_CERTIFICATES_TOKEN, "Public Certificates Token"},
  };
  Objects objects;
  for (const auto& [id, label] : kProfiles) {
    auto attributes = tokenObject(CKO_PROFILE, label, {static_cast<std::uint8_t>(id)});
    attributes[CKA_PROFILE_ID] = numberValue(id);
    objects.push_back(std::make_shared<const Object>(std::move(attributes), nullptr));
  }
  return objects;
}

}  // namespace fncard::pkcs11
