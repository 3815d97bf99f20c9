// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/ecdh.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "card/wire/tlv.h"
#include "pkcs11/certificate.h"
#include "pkcs11/operation/preconditions.h"

namespace fncard::pkcs11::ecdh {

namespace {

struct Parameters {
  std::optional<Hash> kdf;  ///< nothing: the secret as it is
  Bytes sharedData;
  Bytes point;  ///< 04 ‖ x ‖ y
};

constexpr CK_ULONG kLongestSharedData = 65'536;
constexpr CK_ULONG kLongestPoint = 256;
constexpr CK_ULONG kLongestSecret = 1024;

Result<std::optional<Hash>> kdfOf(CK_ULONG kdf) {
  switch (kdf) {
    case CKD_NULL:
      return std::nullopt;
    case CKD_SHA1_KDF:
      return Hash::Sha1;
    case CKD_SHA224_KDF:
      return Hash::Sha224;
    case CKD_SHA256_KDF:
      return Hash::Sha256;
    case CKD_SHA384_KDF:
      return Hash::Sha384;
    case CKD_SHA512_KDF:
      return Hash::Sha512;
    default:
      return mechanismParameterInvalid("key derivation function");
  }
}

/// A point elsewhere might make a careless card tell of its key. The key's own SubjectPublicKeyInfo
/// ends with a point of the same size.
bool isOnCurve(const KeyInfo& key, ByteView point) {
  Bytes info = key.subjectPublicKeyInfo;
  if (info.size() < point.size()) {
    return false;
  }
  std::ranges::copy(point, info.end() - static_cast<std::ptrdiff_t>(point.size()));
  return readPublicKey(info).has_value();
}

Result<Parameters> readParameters(const CK_MECHANISM& mechanism, const KeyInfo& key) {
  const auto given = readParameter<CK_ECDH1_DERIVE_PARAMS>(mechanism);
  if (!given) {
    return Refusal(given.error());
  }
  auto kdf = kdfOf(given->kdf);
  if (!kdf) {
    return passOn(kdf);
  }
  if (given->pPublicData == nullptr || given->ulPublicDataLen > kLongestPoint ||
      given->ulSharedDataLen > kLongestSharedData ||
      (given->ulSharedDataLen != 0 && (given->pSharedData == nullptr || !*kdf))) {
    return mechanismParameterInvalid("data of the ECDH parameter");
  }
  ByteView point(given->pPublicData, given->ulPublicDataLen);
  const std::size_t size = 1 + 2 * key.size();
  if (point.size() != size) {
    wire::TlvReader reader(point);
    const auto wrapped = reader.next();
    point = wrapped && wrapped->tag == 0x04 && reader.atEnd() ? wrapped->value : ByteView();
  }
  if (point.size() != size || point[0] != 0x04) {
    return mechanismParameterInvalid("not an uncompressed point of the key's curve");
  }
  if (!isOnCurve(key, point)) {
    return mechanismParameterInvalid("not a point of the key's curve");
  }
  Parameters parameters{.kdf = *kdf, .point = Bytes(point.begin(), point.end())};
  if (given->ulSharedDataLen != 0) {
    parameters.sharedData.assign(given->pSharedData, given->pSharedData + given->ulSharedDataLen);
  }
  return parameters;
}

/// ANSI X9.63 §5.6.3.
Result<card::SecretBytes> expand(Hash hash, ByteView secret, ByteView sharedData,
                                 std::size_t size) {
  card::SecretBytes key(size);
  std::size_t done = 0;
  for (std::uint32_t counter = 1; done < size; ++counter) {
    const Bytes number{
        static_cast<std::uint8_t>(counter >> 24U), static_cast<std::uint8_t>(counter >> 16U),
        static_cast<std::uint8_t>(counter >> 8U), static_cast<std::uint8_t>(counter)};
    auto hasher = Hasher::start(hash);
    if (!hasher || !hasher->update(secret) || !hasher->update(number) ||
        !hasher->update(sharedData)) {
      return hostFailed("digest");
    }
    auto part = hasher->finish();
    if (!part) {
      return passOn(part);
    }
    const auto wiped = card::SecretBytes::take(std::span<std::uint8_t>(*part));
    const std::size_t used = std::min(wiped.size(), size - done);
    std::copy_n(wiped.bytes().begin(), used,
                key.bytes().begin() + static_cast<std::ptrdiff_t>(done));
    done += used;
  }
  return key;
}

struct Wanted {
  Object::Attributes attributes;
  CK_ULONG keyType = CKK_GENERIC_SECRET;
  std::optional<CK_ULONG> size;
};

std::optional<CK_ULONG> numberOf(const CK_ATTRIBUTE& attribute) {
  CK_ULONG number = 0;
  if (attribute.ulValueLen != sizeof(number)) {
    return std::nullopt;
  }
  std::memcpy(&number, attribute.pValue, sizeof(number));
  return number;
}

bool isBoolean(const CK_ATTRIBUTE& attribute) {
  return attribute.ulValueLen == sizeof(CK_BBOOL) &&
         *static_cast<const CK_BBOOL*>(attribute.pValue) <= CK_TRUE;
}

Refusal badValue() {
  return refuse(CKR_ATTRIBUTE_VALUE_INVALID, "value of an attribute");
}

Status takeAttribute(const CK_ATTRIBUTE& attribute, Wanted& wanted) {
  const auto* bytes = static_cast<const std::uint8_t*>(attribute.pValue);
  const auto number = numberOf(attribute);
  switch (attribute.type) {
    case CKA_CLASS:
      if (number != CKO_SECRET_KEY) {
        return refuse(CKR_TEMPLATE_INCONSISTENT, "not a secret key");
      }
      return {};
    case CKA_KEY_TYPE:
      wanted.keyType = number.value_or(CKK_VENDOR_DEFINED);
      if (wanted.keyType != CKK_GENERIC_SECRET && wanted.keyType != CKK_AES) {
        return refuse(CKR_TEMPLATE_INCONSISTENT, "type of the secret key");
      }
      return {};
    case CKA_VALUE_LEN:
      if (!number || *number == 0 || *number > kLongestSecret) {
        return badValue();
      }
      wanted.size = number;
      return {};
    case CKA_LABEL:
    case CKA_ID:
      wanted.attributes[attribute.type] = Bytes(bytes, bytes + attribute.ulValueLen);
      return {};
    case CKA_TOKEN:
      if (!isBoolean(attribute)) {
        return badValue();
      }
      if (*bytes == CK_TRUE) {
        return refuse(CKR_TOKEN_WRITE_PROTECTED, "the card does not keep secret keys");
      }
      return {};
    case CKA_PRIVATE:
    case CKA_SENSITIVE:
    case CKA_EXTRACTABLE:
    case CKA_MODIFIABLE:
    case CKA_COPYABLE:
    case CKA_DESTROYABLE:
    case CKA_ENCRYPT:
    case CKA_DECRYPT:
    case CKA_SIGN:
    case CKA_VERIFY:
    case CKA_WRAP:
    case CKA_UNWRAP:
    case CKA_DERIVE:
      if (!isBoolean(attribute)) {
        return badValue();
      }
      wanted.attributes[attribute.type] = booleanValue(*bytes == CK_TRUE);
      return {};
    default:
      return refuse(CKR_ATTRIBUTE_TYPE_INVALID, "attribute of the template");
  }
}

Result<Wanted> readTemplate(std::span<const CK_ATTRIBUTE> given, const Parameters& parameters,
                            const KeyInfo& key) {
  Wanted wanted;
  wanted.attributes = {{CKA_PRIVATE, booleanValue(true)},
                       {CKA_SENSITIVE, booleanValue(false)},
                       {CKA_EXTRACTABLE, booleanValue(true)},
                       {CKA_LABEL, {}},
                       {CKA_ID, {}}};
  std::set<CK_ATTRIBUTE_TYPE> seen;
  for (const CK_ATTRIBUTE& attribute : given) {
    if (!seen.insert(attribute.type).second) {
      return refuse(CKR_TEMPLATE_INCONSISTENT, "an attribute twice");
    }
    if (auto taken = takeAttribute(attribute, wanted); !taken) {
      return passOn(taken);
    }
  }
  if (wanted.keyType == CKK_AES) {
    if (!wanted.size) {
      return refuse(CKR_TEMPLATE_INCOMPLETE, "CKA_VALUE_LEN of an AES key");
    }
    if (*wanted.size != 16 && *wanted.size != 24 && *wanted.size != 32) {
      return refuse(CKR_KEY_SIZE_RANGE, "size of an AES key");
    }
  }
  if (!wanted.size) {
    wanted.size = parameters.kdf ? hashSize(*parameters.kdf) : key.size();
  }
  if (!parameters.kdf && *wanted.size > key.size()) {
    return refuse(CKR_KEY_SIZE_RANGE, "longer than the shared secret");
  }
  return wanted;
}

}  // namespace

Result<std::shared_ptr<const Object>> derive(Token& token, const CK_MECHANISM& mechanism,
                                             const Object& key,
                                             std::span<const CK_ATTRIBUTE> given) {
  const auto kind = checkUse(mechanism, key, CKF_DERIVE);
  if (!kind) {
    return Refusal(kind.error());
  }
  const auto parameters = readParameters(mechanism, *key.key());
  if (!parameters) {
    return Refusal(parameters.error());
  }
  auto wanted = readTemplate(given, *parameters, *key.key());
  if (!wanted) {
    return passOn(wanted);
  }
  auto secret = token.agree(*key.key(), parameters->point);
  if (!secret) {
    return passOn(secret);
  }
  if (secret->size() != key.key()->size()) {
    return refuse(CKR_DEVICE_ERROR, "the card's shared secret has another size");
  }
  Result<card::SecretBytes> value;
  if (parameters->kdf) {
    value = expand(*parameters->kdf, secret->bytes(), parameters->sharedData, *wanted->size);
  } else {
    // a shorter key loses bytes at the leading end
    value = card::SecretBytes::take(secret->bytes().last(*wanted->size));
  }
  if (!value) {
    return passOn(value);
  }
  auto& attributes = wanted->attributes;
  attributes[CKA_CLASS] = numberValue(CKO_SECRET_KEY);
  attributes[CKA_TOKEN] = booleanValue(false);
  attributes[CKA_KEY_TYPE] = numberValue(wanted->keyType);
  attributes[CKA_VALUE_LEN] = numberValue(*wanted->size);
  attributes[CKA_LOCAL] = booleanValue(false);
  attributes[CKA_ALWAYS_SENSITIVE] = booleanValue(false);
  attributes[CKA_NEVER_EXTRACTABLE] = booleanValue(false);
  attributes[CKA_KEY_GEN_MECHANISM] = numberValue(CK_UNAVAILABLE_INFORMATION);
  return std::make_shared<const Object>(std::move(attributes), std::move(*value));
}

}  // namespace fncard::pkcs11::ecdh
