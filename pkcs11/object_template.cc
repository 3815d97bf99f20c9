// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/object_template.h"

#include <algorithm>
#include <optional>

#include "card/wire/tlv.h"
#include "pkcs11/card_objects.h"

namespace fncard::pkcs11 {

namespace {

using Made = Result<std::shared_ptr<const Object>>;

Refusal badValue(std::string_view what) {
  return refuse(CKR_ATTRIBUTE_VALUE_INVALID, what);
}

/// How the value of an attribute looks; nothing for attributes that no template here may have.
enum class Form { Boolean, Number, Date, Any };

std::optional<Form> formOf(CK_ATTRIBUTE_TYPE type) {
  switch (type) {
    case CKA_TOKEN:
    case CKA_PRIVATE:
    case CKA_MODIFIABLE:
    case CKA_COPYABLE:
    case CKA_DESTROYABLE:
    case CKA_TRUSTED:
    case CKA_ENCRYPT:
    case CKA_VERIFY:
    case CKA_VERIFY_RECOVER:
    case CKA_WRAP:
    case CKA_DERIVE:
    case CKA_SENSITIVE:
    case CKA_EXTRACTABLE:
      return Form::Boolean;
    case CKA_CLASS:
    case CKA_CERTIFICATE_TYPE:
    case CKA_CERTIFICATE_CATEGORY:
    case CKA_KEY_TYPE:
    case CKA_MODULUS_BITS:
      return Form::Number;
    case CKA_START_DATE:
    case CKA_END_DATE:
      return Form::Date;
    case CKA_LABEL:
    case CKA_ID:
    case CKA_SUBJECT:
    case CKA_ISSUER:
    case CKA_SERIAL_NUMBER:
    case CKA_VALUE:
    case CKA_URL:
    case CKA_CHECK_VALUE:
    case CKA_PUBLIC_KEY_INFO:
    case CKA_MODULUS:
    case CKA_PUBLIC_EXPONENT:
    case CKA_EC_PARAMS:
    case CKA_EC_POINT:
    case CKA_APPLICATION:
    case CKA_OBJECT_ID:
      return Form::Any;
    default:
      return std::nullopt;
  }
}

bool hasForm(ByteView value, Form form) {
  switch (form) {
    case Form::Boolean:
      return value.size() == sizeof(CK_BBOOL) && value[0] <= CK_TRUE;
    case Form::Number:
      return value.size() == sizeof(CK_ULONG);
    case Form::Date:
      return value.empty() || value.size() == sizeof(CK_DATE);
    case Form::Any:
      return true;
  }
  return false;
}

/// The attributes of a template, each in its form and there once.
Result<Object::Attributes> read(std::span<const CK_ATTRIBUTE> given) {
  Object::Attributes attributes;
  for (const CK_ATTRIBUTE& each : given) {
    const auto form = formOf(each.type);
    if (!form) {
      return refuse(CKR_ATTRIBUTE_TYPE_INVALID, "attribute of the template");
    }
    const ByteView value(static_cast<const std::uint8_t*>(each.pValue), each.ulValueLen);
    if (!hasForm(value, *form)) {
      return badValue("form of an attribute");
    }
    if (!attributes.try_emplace(each.type, value.begin(), value.end()).second) {
      return refuse(CKR_TEMPLATE_INCONSISTENT, "an attribute twice");
    }
  }
  return attributes;
}

bool isTrue(const Object::Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
  const auto found = attributes.find(type);
  return found != attributes.end() && found->second == booleanValue(true);
}

bool has(const Object::Attributes& attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
  const auto found = attributes.find(type);
  return found != attributes.end() && found->second == numberValue(number);
}

constexpr CK_ATTRIBUTE_TYPE kOfAll[] = {CKA_CLASS,    CKA_TOKEN,       CKA_PRIVATE, CKA_MODIFIABLE,
                                        CKA_COPYABLE, CKA_DESTROYABLE, CKA_LABEL};
constexpr CK_ATTRIBUTE_TYPE kOfData[] = {CKA_APPLICATION, CKA_OBJECT_ID, CKA_VALUE};
constexpr CK_ATTRIBUTE_TYPE kOfCertificates[] = {CKA_CERTIFICATE_TYPE,
                                                 CKA_CERTIFICATE_CATEGORY,
                                                 CKA_TRUSTED,
                                                 CKA_CHECK_VALUE,
                                                 CKA_START_DATE,
                                                 CKA_END_DATE,
                                                 CKA_SUBJECT,
                                                 CKA_ID,
                                                 CKA_ISSUER,
                                                 CKA_SERIAL_NUMBER,
                                                 CKA_VALUE,
                                                 CKA_URL,
                                                 CKA_PUBLIC_KEY_INFO};
constexpr CK_ATTRIBUTE_TYPE kOfPublicKeys[] = {CKA_KEY_TYPE,       CKA_ID,
                                               CKA_START_DATE,     CKA_END_DATE,
                                               CKA_SUBJECT,        CKA_ENCRYPT,
                                               CKA_VERIFY,         CKA_WRAP,
                                               CKA_VERIFY_RECOVER, CKA_DERIVE,
                                               CKA_TRUSTED,        CKA_MODULUS,
                                               CKA_EC_PARAMS,      CKA_PUBLIC_EXPONENT,
                                               CKA_EC_POINT,       CKA_MODULUS_BITS,
                                               CKA_PUBLIC_KEY_INFO};

/// CKR_ATTRIBUTE_TYPE_INVALID when one is of another class of objects.
Status onlyOf(const Object::Attributes& attributes, std::span<const CK_ATTRIBUTE_TYPE> allowed) {
  const bool all = std::ranges::all_of(attributes, [&](const auto& each) {
    return std::ranges::find(kOfAll, each.first) != std::end(kOfAll) ||
           std::ranges::find(allowed, each.first) != allowed.end();
  });
  return all ? Status() : refuse(CKR_ATTRIBUTE_TYPE_INVALID, "attribute of another class");
}

/// What the object itself gives goes over the template; where the template says otherwise, the two
/// do not belong together.
Status complete(Object::Attributes& attributes, const Object::Attributes& own) {
  for (const auto& [type, value] : own) {
    const auto [at, fresh] = attributes.try_emplace(type, value);
    if (!fresh && !at->second.empty() && at->second != value) {
      return refuse(CKR_TEMPLATE_INCONSISTENT, "an attribute differs from the object itself");
    }
    at->second = value;
  }
  return {};
}

Made makeData(Object::Attributes attributes) {
  if (auto right = onlyOf(attributes, kOfData); !right) {
    return passOn(right);
  }
  attributes.merge(Object::Attributes{{CKA_APPLICATION, {}}, {CKA_OBJECT_ID, {}}, {CKA_VALUE, {}}});
  return std::make_shared<const Object>(std::move(attributes), nullptr);
}

Made makeCertificate(Object::Attributes attributes) {
  if (auto right = onlyOf(attributes, kOfCertificates); !right) {
    return passOn(right);
  }
  if (!attributes.contains(CKA_CERTIFICATE_TYPE) || !attributes.contains(CKA_VALUE)) {
    return refuse(CKR_TEMPLATE_INCOMPLETE, "type or value of the certificate");
  }
  if (!has(attributes, CKA_CERTIFICATE_TYPE, CKC_X_509)) {
    return badValue("type of the certificate");
  }
  const auto fields = readCertificate(attributes[CKA_VALUE]);
  if (!fields) {
    return badValue("not a certificate");
  }
  auto own = attributesOf(*fields);
  own.erase(CKA_URL);
  if (auto right = complete(attributes, own); !right) {
    return passOn(right);
  }
  attributes.merge(
      Object::Attributes{{CKA_ID, {}}, {CKA_URL, {}}, {CKA_CERTIFICATE_CATEGORY, numberValue(0)}});
  return std::make_shared<const Object>(std::move(attributes), nullptr);
}

/// A positive INTEGER, DER.
Bytes integer(ByteView number) {
  while (number.size() > 1 && number[0] == 0) {
    number = number.subspan(1);
  }
  Bytes value;
  if (number.empty() || number[0] >= 0x80) {
    value.push_back(0);
  }
  value.insert(value.end(), number.begin(), number.end());
  return wire::encodeTlv(0x02, value);
}

Bytes joined(const Bytes& first, const Bytes& second) {
  Bytes both = first;
  both.insert(both.end(), second.begin(), second.end());
  return both;
}

/// SubjectPublicKeyInfo, RFC 5280 §4.1.2.7, DER.
Bytes keyInfoOf(const Bytes& algorithm, const Bytes& key) {
  return wire::encodeTlv(
      0x30, joined(wire::encodeTlv(0x30, algorithm), wire::encodeTlv(0x03, joined({0x00}, key))));
}

Result<Bytes> subjectPublicKeyInfo(const Object::Attributes& attributes) {
  const auto value = [&](CK_ATTRIBUTE_TYPE type) {
    const auto found = attributes.find(type);
    return found == attributes.end() ? Bytes() : found->second;
  };
  if (has(attributes, CKA_KEY_TYPE, CKK_RSA)) {
    const Bytes rsaEncryption{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                              0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
    return keyInfoOf(rsaEncryption,
                     wire::encodeTlv(0x30, joined(integer(value(CKA_MODULUS)),
                                                  integer(value(CKA_PUBLIC_EXPONENT)))));
  }
  if (!has(attributes, CKA_KEY_TYPE, CKK_EC)) {
    return badValue("type of the key");
  }
  const Bytes wrapped = value(CKA_EC_POINT);
  wire::TlvReader reader(wrapped);
  const auto point = reader.next();
  if (!point || point->tag != 0x04 || !reader.atEnd()) {
    return badValue("EC point");
  }
  const Bytes ecPublicKey{0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
  return keyInfoOf(joined(ecPublicKey, value(CKA_EC_PARAMS)),
                   Bytes(point->value.begin(), point->value.end()));
}

Made makePublicKey(Object::Attributes attributes) {
  if (auto right = onlyOf(attributes, kOfPublicKeys); !right) {
    return passOn(right);
  }
  const bool rsa = has(attributes, CKA_KEY_TYPE, CKK_RSA);
  if (!attributes.contains(CKA_KEY_TYPE) ||
      !attributes.contains(rsa ? CKA_MODULUS : CKA_EC_PARAMS) ||
      !attributes.contains(rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT)) {
    return refuse(CKR_TEMPLATE_INCOMPLETE, "type or parts of the key");
  }
  const auto encoded = subjectPublicKeyInfo(attributes);
  if (!encoded) {
    return Refusal(encoded.error());
  }
  const auto key = readPublicKey(*encoded);
  if (!key) {
    return badValue("not a key of 2048, 3072 or 4096 bits or on P-256 or P-384");
  }
  attributes.erase(CKA_MODULUS);  // leading zeros are no difference
  attributes.erase(CKA_PUBLIC_EXPONENT);
  if (auto right = complete(attributes, attributesOf(*key)); !right) {
    return passOn(right);
  }
  attributes.merge(
      Object::Attributes{{CKA_ID, {}},
                         {CKA_SUBJECT, {}},
                         {CKA_START_DATE, {}},
                         {CKA_END_DATE, {}},
                         {CKA_VERIFY, booleanValue(true)},
                         {CKA_ENCRYPT, booleanValue(rsa)},
                         {CKA_VERIFY_RECOVER, booleanValue(false)},
                         {CKA_WRAP, booleanValue(false)},
                         {CKA_DERIVE, booleanValue(false)},
                         {CKA_TRUSTED, booleanValue(false)},
                         {CKA_LOCAL, booleanValue(false)},
                         {CKA_KEY_GEN_MECHANISM, numberValue(CK_UNAVAILABLE_INFORMATION)}});
  return std::make_shared<const Object>(std::move(attributes),
                                        keyInfo(card::KeyRole::Signature, *key));
}

/// True when a boolean goes where nothing becomes less closely kept.
bool isCloser(const Object& object, CK_ATTRIBUTE_TYPE type, bool wanted) {
  switch (type) {
    case CKA_SENSITIVE:
    case CKA_PRIVATE:
      return wanted || !object.flag(type);
    case CKA_EXTRACTABLE:
    case CKA_MODIFIABLE:
    case CKA_DESTROYABLE:
    case CKA_COPYABLE:
      return !wanted || object.allows(type);
    case CKA_TOKEN:
      return !wanted;
    default:
      return false;
  }
}

/// The changes of a template, of which `allowed` says which attributes it may name.
template <typename Allowed>
Made changed(const Object& object, std::span<const CK_ATTRIBUTE> given, Allowed allowed) {
  const auto changes = read(given);
  if (!changes) {
    return Refusal(changes.error());
  }
  for (const auto& [type, value] : *changes) {
    if (const auto known = object.attribute(type);
        !known && type != CKA_MODIFIABLE && type != CKA_DESTROYABLE && type != CKA_COPYABLE) {
      return refuse(CKR_ATTRIBUTE_TYPE_INVALID, "the object has no such attribute");
    }
    if (!allowed(type)) {
      return refuse(CKR_ATTRIBUTE_READ_ONLY, "an attribute that does not change");
    }
    if (formOf(type) == Form::Boolean && !isCloser(object, type, value == booleanValue(true))) {
      return refuse(type == CKA_TOKEN ? CKR_TOKEN_WRITE_PROTECTED : CKR_ATTRIBUTE_READ_ONLY,
                    "an attribute that changes in the other direction only");
    }
  }
  return object.with(*changes);
}

}  // namespace

Made createdFrom(std::span<const CK_ATTRIBUTE> given) {
  auto attributes = read(given);
  if (!attributes) {
    return passOn(attributes);
  }
  const auto objectClass = attributes->find(CKA_CLASS);
  if (objectClass == attributes->end()) {
    return refuse(CKR_TEMPLATE_INCOMPLETE, "class of the object");
  }
  if (isTrue(*attributes, CKA_TOKEN)) {
    return refuse(CKR_TOKEN_WRITE_PROTECTED, "the card keeps what it was issued with");
  }
  if (isTrue(*attributes, CKA_TRUSTED)) {
    return refuse(CKR_ATTRIBUTE_READ_ONLY, "nothing here is trusted");
  }
  attributes->merge(Object::Attributes{{CKA_TOKEN, booleanValue(false)},
                                       {CKA_PRIVATE, booleanValue(false)},
                                       {CKA_MODIFIABLE, booleanValue(true)},
                                       {CKA_COPYABLE, booleanValue(true)},
                                       {CKA_DESTROYABLE, booleanValue(true)},
                                       {CKA_LABEL, {}}});
  if (has(*attributes, CKA_CLASS, CKO_DATA)) {
    return makeData(std::move(*attributes));
  }
  if (has(*attributes, CKA_CLASS, CKO_CERTIFICATE)) {
    return makeCertificate(std::move(*attributes));
  }
  if (has(*attributes, CKA_CLASS, CKO_PUBLIC_KEY)) {
    return makePublicKey(std::move(*attributes));
  }
  return badValue("class of the object");
}

Made copiedFrom(const Object& object, std::span<const CK_ATTRIBUTE> given) {
  if (!object.allows(CKA_COPYABLE)) {
    return refuse(CKR_ACTION_PROHIBITED, "the object is not to be copied");
  }
  return changed(object, given, [](CK_ATTRIBUTE_TYPE type) {
    return type == CKA_LABEL || type == CKA_ID || formOf(type) == Form::Boolean;
  });
}

Made changedBy(const Object& object, std::span<const CK_ATTRIBUTE> given) {
  if (!object.allows(CKA_MODIFIABLE)) {
    return refuse(CKR_ACTION_PROHIBITED, "the object does not change");
  }
  return changed(object, given, [](CK_ATTRIBUTE_TYPE type) {
    return type == CKA_LABEL || type == CKA_ID || type == CKA_SENSITIVE || type == CKA_EXTRACTABLE;
  });
}

}  // namespace fncard::pkcs11
