// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/object.h"

#include <algorithm>
#include <cstring>

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

std::shared_ptr<const Object> Object::with(const Attributes& changes) const {
  auto made = std::make_shared<Object>(attributes_, key_);
  made->secret_ = secret_.clone();
  for (const auto& [type, value] : changes) {
    made->attributes_[type] = value;
  }
  return made;
}

CK_ULONG Object::size() const {
  CK_ULONG total = secret_.size();
  for (const auto& [type, value] : attributes_) {
    total += value.size();
  }
  return total;
}

}  // namespace fncard::pkcs11
