// SPDX-License-Identifier: Apache-2.0
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class Deriving : public ModuleTest {
 protected:
  void SetUp() override {
    ModuleTest::SetUp();
    start(card::KeyAlgorithm::EcP256);
    session = open();
    ASSERT_EQ(login(session), CKR_OK);
    key = findOne(session, CKO_PRIVATE_KEY, kEncryptionId);
    peer.reset(EVP_EC_gen("P-256"));
    unsigned char* encoded = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(peer.get(), &encoded);
    point.assign(encoded, encoded + size);
    OPENSSL_free(encoded);
    parameters = {CKD_NULL, 0, nullptr, point.size(), point.data()};
  }
  /// What the other side computes.
  Bytes expected() {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, peer.get(), nullptr), EVP_PKEY_CTX_free);
    Bytes secret(32);
    std::size_t size = secret.size();
    EVP_PKEY_derive_init(context.get());
    EVP_PKEY_derive_set_peer(context.get(), FakeKey::of(card::KeyAlgorithm::EcP256).pair.get());
    EVP_PKEY_derive(context.get(), secret.data(), &size);
    return secret;
  }
  CK_RV derive(std::vector<CK_ATTRIBUTE> wanted, CK_OBJECT_HANDLE& made) {
    CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof(parameters)};
    return p11->C_DeriveKey(session, &mechanism, key, wanted.data(), wanted.size(), &made);
  }

  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
  CK_OBJECT_HANDLE derived = 0;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> peer{nullptr, EVP_PKEY_free};
  Bytes point;
  CK_ECDH1_DERIVE_PARAMS parameters{};
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
};

TEST_F(Deriving, bothSidesGetTheSameSecret) {
  ASSERT_EQ(derive({}, derived), CKR_OK);
  EXPECT_EQ(attribute(session, derived, CKA_VALUE), expected());
  Bytes wrapped{0x04, 65};
  wrapped.insert(wrapped.end(), point.begin(), point.end());
  parameters.pPublicData = wrapped.data();
  parameters.ulPublicDataLen = wrapped.size();
  ASSERT_EQ(derive({}, derived), CKR_OK);
  EXPECT_EQ(attribute(session, derived, CKA_VALUE), expected());
}

/// PKCS #11 §2.3.8: the cofactor of these curves is one.
TEST_F(Deriving, theCofactorChangesNothing) {
  CK_MECHANISM mechanism{CKM_ECDH1_COFACTOR_DERIVE, &parameters, sizeof(parameters)};
  ASSERT_EQ(p11->C_DeriveKey(session, &mechanism, key, nullptr, 0, &derived), CKR_OK);
  EXPECT_EQ(attribute(session, derived, CKA_VALUE), expected());
}

TEST_F(Deriving, aShorterKeyLosesItsBeginning) {
  CK_KEY_TYPE aes = CKK_AES;
  CK_ULONG size = 16;
  ASSERT_EQ(
      derive({{CKA_KEY_TYPE, &aes, sizeof(aes)}, {CKA_VALUE_LEN, &size, sizeof(size)}}, derived),
      CKR_OK);
  const Bytes whole = expected();
  EXPECT_EQ(attribute(session, derived, CKA_VALUE), Bytes(whole.begin() + 16, whole.end()));
}

TEST_F(Deriving, theKdfIsThatOfAnsiX963) {
  parameters.kdf = CKD_SHA256_KDF;
  Bytes shared{1, 2, 3};
  parameters.pSharedData = shared.data();
  parameters.ulSharedDataLen = shared.size();
  CK_ULONG size = 40;
  ASSERT_EQ(derive({{CKA_VALUE_LEN, &size, sizeof(size)}}, derived), CKR_OK);
  Bytes stream;
  for (std::uint8_t counter = 1; counter <= 2; ++counter) {
    Bytes input = expected();
    input.insert(input.end(), {0, 0, 0, counter, 1, 2, 3});
    Bytes digest(32);
    EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    stream.insert(stream.end(), digest.begin(), digest.end());
  }
  stream.resize(40);
  EXPECT_EQ(attribute(session, derived, CKA_VALUE), stream);
}

TEST_F(Deriving, aSensitiveSecretIsNotShown) {
  ASSERT_EQ(derive({{CKA_SENSITIVE, &yes, 1}}, derived), CKR_OK);
  CK_ATTRIBUTE value{CKA_VALUE, nullptr, 0};
  EXPECT_EQ(p11->C_GetAttributeValue(session, derived, &value, 1), CKR_ATTRIBUTE_SENSITIVE);
  ASSERT_EQ(derive({{CKA_EXTRACTABLE, &no, 1}}, derived), CKR_OK);
  EXPECT_EQ(p11->C_GetAttributeValue(session, derived, &value, 1), CKR_ATTRIBUTE_SENSITIVE);
}

TEST_F(Deriving, aSecretDiesWithItsSession) {
  ASSERT_EQ(derive({}, derived), CKR_OK);
  const auto other = open();
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_GetObjectSize(other, derived, &size), CKR_OK);
  CK_OBJECT_HANDLE second = 0;
  ASSERT_EQ(derive({}, second), CKR_OK);
  EXPECT_EQ(p11->C_DestroyObject(session, second), CKR_OK);
  EXPECT_EQ(p11->C_GetObjectSize(other, second, &size), CKR_OBJECT_HANDLE_INVALID);
  ASSERT_EQ(p11->C_CloseSession(session), CKR_OK);
  EXPECT_EQ(p11->C_GetObjectSize(other, derived, &size), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(Deriving, whatCannotBeDerivedIsRefused) {
  CK_KEY_TYPE des = CKK_DES3;
  CK_KEY_TYPE aes = CKK_AES;
  CK_ULONG size = 33;
  EXPECT_EQ(derive({{CKA_TOKEN, &yes, 1}}, derived), CKR_TOKEN_WRITE_PROTECTED);
  EXPECT_EQ(derive({{CKA_SENSITIVE, &yes, 1}, {CKA_SENSITIVE, &no, 1}}, derived),
            CKR_TEMPLATE_INCONSISTENT);
  EXPECT_EQ(derive({{CKA_KEY_TYPE, &des, sizeof(des)}}, derived), CKR_TEMPLATE_INCONSISTENT);
  EXPECT_EQ(derive({{CKA_KEY_TYPE, &aes, sizeof(aes)}}, derived), CKR_TEMPLATE_INCOMPLETE);
  EXPECT_EQ(derive({{CKA_VALUE_LEN, &size, sizeof(size)}}, derived), CKR_KEY_SIZE_RANGE);
  EXPECT_EQ(derive({{CKA_SENSITIVE, &size, sizeof(size)}}, derived), CKR_ATTRIBUTE_VALUE_INVALID);
  parameters.ulPublicDataLen = 64;
  EXPECT_EQ(derive({}, derived), CKR_MECHANISM_PARAM_INVALID);
  Bytes elsewhere = point;
  elsewhere.back() ^= 1;
  parameters = {CKD_NULL, 0, nullptr, elsewhere.size(), elsewhere.data()};
  cardState->log.clear();
  EXPECT_EQ(derive({}, derived), CKR_MECHANISM_PARAM_INVALID);
  EXPECT_TRUE(cardState->log.empty()) << "a point that is not on the curve stays here";
  parameters = {CKD_CPDIVERSIFY_KDF, 0, nullptr, point.size(), point.data()};
  EXPECT_EQ(derive({}, derived), CKR_MECHANISM_PARAM_INVALID);
  parameters = {CKD_NULL, 0, nullptr, point.size(), point.data()};
  key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  EXPECT_EQ(derive({}, derived), CKR_KEY_FUNCTION_NOT_PERMITTED);
}

TEST_F(Deriving, aKeyOfASessionThatIsClosedMeanwhileIsNotKept) {
  cardState->during["agree"] = [this] { EXPECT_EQ(p11->C_CloseSession(session), CKR_OK); };
  const auto other = open();
  EXPECT_EQ(derive({}, derived), CKR_SESSION_CLOSED);
  CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
  EXPECT_EQ(findAll(other, {{CKA_CLASS, &secret, sizeof(secret)}}).size(), 0U);
}

}  // namespace
}  // namespace fncard::test
