// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/hsm.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

#include <fstream>
#include <thread>

#include "tests/server/hsm/test_token.h"

namespace fncard::server::hsm {
namespace {

using Bytes = std::vector<unsigned char>;

/// The module again, past our own wrapper: what another program with the PIN could do.
class Bypass {
 public:
  explicit Bypass(const Options& options) {
    void* const library = ::dlopen(options.module.c_str(), RTLD_NOW);
    reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"))(&functions_);
    CK_SLOT_ID slots[4] = {};
    CK_ULONG count = std::size(slots);
    EXPECT_EQ(functions_->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    EXPECT_EQ(functions_->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                        nullptr, &session_),
              CKR_OK);
  }
  ~Bypass() { functions_->C_CloseSession(session_); }
  Bypass(const Bypass&) = delete;
  Bypass& operator=(const Bypass&) = delete;

  CK_OBJECT_HANDLE find(CK_OBJECT_CLASS objectClass, std::string label) {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &objectClass, sizeof(objectClass)},
                             {CKA_LABEL, label.data(), label.size()}};
    CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    functions_->C_FindObjectsInit(session_, wanted, std::size(wanted));
    functions_->C_FindObjects(session_, &found, 1, &count);
    functions_->C_FindObjectsFinal(session_);
    return found;
  }
  CK_RV read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    unsigned char value[1024];
    CK_ATTRIBUTE asked{type, value, sizeof(value)};
    return functions_->C_GetAttributeValue(session_, object, &asked, 1);
  }
  bool flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE asked{type, &value, sizeof(value)};
    EXPECT_EQ(functions_->C_GetAttributeValue(session_, object, &asked, 1), CKR_OK);
    return value == CK_TRUE;
  }
  CK_RV copyAsExtractable(CK_OBJECT_HANDLE object) {
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE changed{CKA_EXTRACTABLE, &yes, sizeof(yes)};
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    return functions_->C_CopyObject(session_, object, &changed, 1, &copy);
  }
  void importAes(std::string label, Bytes value) {
    CK_OBJECT_CLASS objectClass = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE made[] = {{CKA_CLASS, &objectClass, sizeof(objectClass)},
                           {CKA_KEY_TYPE, &type, sizeof(type)},
                           {CKA_TOKEN, &yes, sizeof(yes)},
                           {CKA_PRIVATE, &yes, sizeof(yes)},
                           {CKA_SIGN, &yes, sizeof(yes)},
                           {CKA_LABEL, label.data(), label.size()},
                           {CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    EXPECT_EQ(functions_->C_CreateObject(session_, made, std::size(made), &object), CKR_OK);
  }
  void closeEverySession() {
    CK_SESSION_INFO info{};
    functions_->C_GetSessionInfo(session_, &info);
    functions_->C_CloseAllSessions(info.slotID);
  }

 private:
  CK_FUNCTION_LIST* functions_ = nullptr;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
};

class HsmKeys : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    token = new testing::TestToken;
    hsm = token->open().release();
    ASSERT_TRUE(hsm->generateKeyPair("rsa", KeyType::Rsa3072));
    ASSERT_TRUE(hsm->generateKeyPair("p256", KeyType::EcP256));
    ASSERT_TRUE(hsm->generateKeyPair("p384", KeyType::EcP384));
    ASSERT_TRUE(hsm->generateDerivationKey("secrets"));
  }
  static void TearDownTestSuite() {
    delete hsm;
    delete token;
  }
  static Key keyOf(const std::string& label) {
    auto key = hsm->key(label);
    EXPECT_TRUE(key) << key.error().detail;
    return key ? std::move(*key) : nullptr;
  }

  static inline testing::TestToken* token = nullptr;
  static inline Hsm* hsm = nullptr;
};

Bytes sign(EVP_PKEY* key, const Bytes& data, const EVP_MD* digest, bool pss = false) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key) != 1 ||
      (pss && EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1)) {
    return {};
  }
  std::size_t size = 1024;
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return signature;
}

/// Checked with the public key alone, by OpenSSL's own provider.
bool verifies(EVP_PKEY* key, const Bytes& data, const Bytes& signature, const EVP_MD* digest,
              bool pss = false) {
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(key, &encoded);
  const unsigned char* next = encoded;
  const Key publicKey(d2i_PUBKEY(nullptr, &next, size));
  OPENSSL_free(encoded);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* parameters = nullptr;
  EXPECT_EQ(EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, publicKey.get()), 1);
  if (pss) {
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                          data.size()) == 1;
}

const Bytes kData = {'t', 'o', ' ', 'b', 'e', ' ', 's', 'i', 'g', 'n', 'e', 'd'};

TEST_F(HsmKeys, SignWithPkcs1AndTheSignatureIsRightOutside) {
  const Key key = keyOf("rsa");
  EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 3072);
  EXPECT_TRUE(verifies(key.get(), kData, sign(key.get(), kData, EVP_sha256()), EVP_sha256()));
}

TEST_F(HsmKeys, SignWithPss) {
  const Key key = keyOf("rsa");
  EXPECT_TRUE(
      verifies(key.get(), kData, sign(key.get(), kData, EVP_sha384(), true), EVP_sha384(), true));
}

TEST_F(HsmKeys, SignWithEcdsaAlsoWhenTheDigestIsLongerThanTheCurve) {
  for (const char* const label : {"p256", "p384"}) {
    const Key key = keyOf(label);
    for (const EVP_MD* digest : {EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
      EXPECT_TRUE(verifies(key.get(), kData, sign(key.get(), kData, digest), digest)) << label;
    }
  }
}

TEST_F(HsmKeys, SignFromManyThreadsAtOnce) {
  const Key rsa = keyOf("rsa");
  const Key ec = keyOf("p256");
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(right.size());
  for (std::size_t thread = 0; thread < right.size(); ++thread) {
    threads.emplace_back([&, thread] {
      EVP_PKEY* const key = thread % 2 == 0 ? rsa.get() : ec.get();
      for (unsigned char round = 0; round < 10; ++round) {
        const Bytes data = {static_cast<unsigned char>(thread), round};
        right[thread] += verifies(key, data, sign(key, data, EVP_sha256()), EVP_sha256()) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(right, ::testing::Each(10));
}

TEST_F(HsmKeys, NeverLeaveTheToken) {
  Bypass bypass(token->options());
  for (const char* const label : {"rsa", "p256", "p384"}) {
    const auto key = bypass.find(CKO_PRIVATE_KEY, label);
    ASSERT_NE(key, CK_INVALID_HANDLE);
    EXPECT_EQ(bypass.read(key, std::string(label) == "rsa" ? CKA_PRIVATE_EXPONENT : CKA_VALUE),
              CKR_ATTRIBUTE_SENSITIVE);
    EXPECT_TRUE(bypass.flag(key, CKA_NEVER_EXTRACTABLE));
    EXPECT_TRUE(bypass.flag(key, CKA_ALWAYS_SENSITIVE));
    EXPECT_FALSE(bypass.flag(key, CKA_DECRYPT));
    EXPECT_NE(bypass.copyAsExtractable(key), CKR_OK);
  }
  const auto secret = bypass.find(CKO_SECRET_KEY, "secrets");
  EXPECT_EQ(bypass.read(secret, CKA_VALUE), CKR_ATTRIBUTE_SENSITIVE);
  EXPECT_TRUE(bypass.flag(secret, CKA_NEVER_EXTRACTABLE));
  EXPECT_FALSE(bypass.flag(secret, CKA_ENCRYPT));
}

TEST_F(HsmKeys, AreNotReplacedByOnesOfTheSameLabel) {
  EXPECT_FALSE(hsm->generateKeyPair("p256", KeyType::EcP256));
  EXPECT_FALSE(hsm->generateDerivationKey("secrets"));
}

TEST_F(HsmKeys, WhichAreMissingAreNamed) {
  const auto key = hsm->key("nobody");
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().detail, ::testing::HasSubstr("\"nobody\""));
  EXPECT_FALSE(hsm->derive("nobody", "a", "b", 16));
}

TEST_F(HsmKeys, StayUsableWhenTheHsmForgotEverySession) {
  const Key key = keyOf("p256");
  ASSERT_FALSE(sign(key.get(), kData, EVP_sha256()).empty());
  Bypass(token->options()).closeEverySession();
  EXPECT_TRUE(verifies(key.get(), kData, sign(key.get(), kData, EVP_sha256()), EVP_sha256()));
  Bypass(token->options()).closeEverySession();
  EXPECT_TRUE(hsm->derive("secrets", "a", "b", 16));
}

/// The same function by OpenSSL's KBKDF with a key that is known outside.
Bytes kbkdf(const Bytes& key, std::string label, std::string context, std::size_t size) {
  std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "KBKDF", nullptr),
                                                        EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> state(EVP_KDF_CTX_new(kdf.get()),
                                                                        EVP_KDF_CTX_free);
  std::string mode = "COUNTER";
  std::string mac = "CMAC";
  std::string cipher = "AES-256-CBC";
  Bytes keyCopy = key;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, mode.data(), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mac.data(), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, cipher.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, keyCopy.data(), keyCopy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, label.data(), label.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, context.data(), context.size()),
      OSSL_PARAM_construct_end()};
  Bytes secret(size);
  EXPECT_EQ(EVP_KDF_derive(state.get(), secret.data(), size, parameters), 1);
  return secret;
}

TEST_F(HsmKeys, DeriveWhatOpenSslDerivesFromTheSameKey) {
  Bytes value(32);
  for (std::size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<unsigned char>(i * 7);
  }
  Bypass(token->options()).importAes("known", value);
  for (const std::size_t size : {1U, 8U, 16U, 17U, 32U, 48U}) {
    const auto derived = hsm->derive("known", "puk", "AB12345678901234", size);
    ASSERT_TRUE(derived) << derived.error().detail;
    EXPECT_EQ(*derived, kbkdf(value, "puk", "AB12345678901234", size)) << size;
  }
}

TEST_F(HsmKeys, DeriveOtherSecretsForOtherCardsAndTheSameAgain) {
  const auto one = hsm->derive("secrets", "puk", "AB1", 16);
  ASSERT_TRUE(one);
  EXPECT_EQ(*one, *hsm->derive("secrets", "puk", "AB1", 16));
  EXPECT_NE(*one, *hsm->derive("secrets", "puk", "AB2", 16));
  EXPECT_NE(*one, *hsm->derive("secrets", "pin", "AB1", 16));
}

TEST_F(HsmKeys, DeriveRefusesALabelThatCouldBeReadAsAnother) {
  EXPECT_FALSE(hsm->derive("secrets", std::string_view("a\0b", 3), "c", 16));
  EXPECT_FALSE(hsm->derive("secrets", "a", "c", 0));
  EXPECT_FALSE(hsm->derive("secrets", "a", "c", 1025));
}

}  // namespace
}  // namespace fncard::server::hsm
