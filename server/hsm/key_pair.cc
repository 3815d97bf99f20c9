// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/key_pair.h"

#include <sodium.h>

#include <array>

namespace fncard::server::hsm {
namespace {

/// A C_Generate… template; owns the values it points to.
class Template {
 public:
  Template& flag(CK_ATTRIBUTE_TYPE type, bool value) {
    static CK_BBOOL yes = CK_TRUE;
    static CK_BBOOL no = CK_FALSE;
    attributes_.push_back({type, value ? &yes : &no, sizeof(CK_BBOOL)});
    return *this;
  }
  Template& number(CK_ATTRIBUTE_TYPE type, CK_ULONG& value) {
    attributes_.push_back({type, &value, sizeof(value)});
    return *this;
  }
  Template& bytes(CK_ATTRIBUTE_TYPE type, std::span<const unsigned char> value) {
    attributes_.push_back({type, const_cast<unsigned char*>(value.data()), value.size()});
    return *this;
  }
  Template& text(CK_ATTRIBUTE_TYPE type, const std::string& value) {
    attributes_.push_back({type, const_cast<char*>(value.data()), value.size()});
    return *this;
  }
  CK_ATTRIBUTE* data() { return attributes_.data(); }
  [[nodiscard]] CK_ULONG size() const { return attributes_.size(); }

 private:
  std::vector<CK_ATTRIBUTE> attributes_;
};

/// What keeps a private or secret key inside (PKCS#11 2.40 §4.8, §4.9).
void keepInside(Template& key) {
  key.flag(CKA_TOKEN, true)
      .flag(CKA_PRIVATE, true)
      .flag(CKA_SENSITIVE, true)
      .flag(CKA_EXTRACTABLE, false)
      .flag(CKA_MODIFIABLE, false)
      .flag(CKA_SIGN, true)
      .flag(CKA_DECRYPT, false)
      .flag(CKA_UNWRAP, false)
      .flag(CKA_DERIVE, false);
}

/// namedCurve OBJECT IDENTIFIERs, DER (RFC 5480 §2.1.1.1).
constexpr std::array<unsigned char, 10> kP256 = {0x06, 0x08, 0x2A, 0x86, 0x48,
                                                 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<unsigned char, 7> kP384 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<unsigned char, 3> kExponent65537 = {0x01, 0x00, 0x01};

Result<void> refuseWhenThere(Token& token, const std::string& label, CK_OBJECT_CLASS objectClass) {
  CK_OBJECT_HANDLE known = CK_INVALID_HANDLE;
  const CK_RV rv = token.run(
      [&](CK_SESSION_HANDLE session) { return token.find(session, objectClass, label, known); });
  if (rv != CKR_OK) {
    return callFailed("C_FindObjects", rv);
  }
  if (known != CK_INVALID_HANDLE) {
    return tl::unexpected(Error{"The HSM has a key labelled \"" + label +
                                "\" already; it is not replaced. Use another token for a new CA."});
  }
  return {};
}

std::array<unsigned char, 16> randomId() {
  std::array<unsigned char, 16> id{};
  randombytes_buf(id.data(), id.size());
  return id;
}

}  // namespace

Result<void> makeKeyPair(Token& token, const std::string& label, KeyType type) {
  if (auto free = refuseWhenThere(token, label, CKO_PRIVATE_KEY); !free) {
    return free;
  }
  const auto id = randomId();
  CK_ULONG modulusBits = type == KeyType::Rsa4096 ? 4096 : 3072;
  Template publicKey;
  publicKey.flag(CKA_TOKEN, true)
      .flag(CKA_VERIFY, true)
      .flag(CKA_ENCRYPT, false)
      .flag(CKA_WRAP, false)
      .text(CKA_LABEL, label)
      .bytes(CKA_ID, id);
  Template privateKey;
  keepInside(privateKey);
  privateKey.flag(CKA_SIGN_RECOVER, false).text(CKA_LABEL, label).bytes(CKA_ID, id);

  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  switch (type) {
    case KeyType::EcP256:
      publicKey.bytes(CKA_EC_PARAMS, kP256);
      break;
    case KeyType::EcP384:
      publicKey.bytes(CKA_EC_PARAMS, kP384);
      break;
    case KeyType::Rsa3072:
    case KeyType::Rsa4096:
      mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
      publicKey.number(CKA_MODULUS_BITS, modulusBits).bytes(CKA_PUBLIC_EXPONENT, kExponent65537);
      break;
  }
  const CK_RV rv = token.run([&](CK_SESSION_HANDLE session) {
    CK_OBJECT_HANDLE madePublic = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE madePrivate = CK_INVALID_HANDLE;
    return token.module()->C_GenerateKeyPair(session, &mechanism, publicKey.data(),
                                             publicKey.size(), privateKey.data(), privateKey.size(),
                                             &madePublic, &madePrivate);
  });
  if (rv != CKR_OK) {
    return callFailed("C_GenerateKeyPair", rv);
  }
  return {};
}

Result<void> makeDerivationKey(Token& token, const std::string& label) {
  if (auto free = refuseWhenThere(token, label, CKO_SECRET_KEY); !free) {
    return free;
  }
  const auto id = randomId();
  CK_ULONG size = 32;
  Template key;
  keepInside(key);
  key.flag(CKA_VERIFY, false)
      .flag(CKA_ENCRYPT, false)
      .flag(CKA_WRAP, false)
      .number(CKA_VALUE_LEN, size)
      .text(CKA_LABEL, label)
      .bytes(CKA_ID, id);
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  const CK_RV rv = token.run([&](CK_SESSION_HANDLE session) {
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    return token.module()->C_GenerateKey(session, &mechanism, key.data(), key.size(), &made);
  });
  if (rv != CKR_OK) {
    return callFailed("C_GenerateKey", rv);
  }
  return {};
}

}  // namespace fncard::server::hsm
