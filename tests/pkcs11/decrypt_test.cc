// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using testing::ElementsAre;

class Decrypting : public ModuleTest {
 protected:
  void SetUp() override {
    ModuleTest::SetUp();
    start();
    session = open();
    ASSERT_EQ(login(session), CKR_OK);
    key = findOne(session, CKO_PRIVATE_KEY, kEncryptionId);
    publicKey = findOne(session, CKO_PUBLIC_KEY, kEncryptionId);
    cardState->log.clear();
  }
  Bytes encrypt(CK_MECHANISM mechanism, const Bytes& plain) {
    Bytes ciphertext(256);
    CK_ULONG size = ciphertext.size();
    Bytes data = plain;
    EXPECT_EQ(p11->C_EncryptInit(session, &mechanism, publicKey), CKR_OK);
    EXPECT_EQ(p11->C_Encrypt(session, data.data(), data.size(), ciphertext.data(), &size), CKR_OK);
    EXPECT_EQ(size, 256U);
    return ciphertext;
  }
  CK_RV decrypt(CK_MECHANISM mechanism, Bytes ciphertext, Bytes& plain) {
    if (const CK_RV rv = p11->C_DecryptInit(session, &mechanism, key); rv != CKR_OK) {
      return rv;
    }
    plain.resize(256);
    CK_ULONG size = plain.size();
    const CK_RV rv =
        p11->C_Decrypt(session, ciphertext.data(), ciphertext.size(), plain.data(), &size);
    plain.resize(rv == CKR_OK ? size : 0);
    return rv;
  }

  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
  CK_OBJECT_HANDLE publicKey = 0;
  CK_MECHANISM pkcs1{CKM_RSA_PKCS, nullptr, 0};
  CK_MECHANISM raw{CKM_RSA_X_509, nullptr, 0};
  const Bytes secret{'s', 'e', 'c', 'r', 'e', 't'};
};

TEST_F(Decrypting, aMessageThatWaitsToBeFetchedTakesNoMoreCiphertext) {
  Bytes ciphertext = encrypt(pkcs1, secret);
  ASSERT_EQ(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
  CK_BYTE plain[256];
  CK_ULONG size = 1;
  ASSERT_EQ(p11->C_Decrypt(session, ciphertext.data(), ciphertext.size(), plain, &size),
            CKR_BUFFER_TOO_SMALL);
  size = sizeof(plain);
  EXPECT_EQ(p11->C_DecryptUpdate(session, ciphertext.data(), ciphertext.size(), plain, &size),
            CKR_OPERATION_ACTIVE);
  EXPECT_EQ(p11->C_DecryptFinal(session, plain, &size), CKR_OPERATION_NOT_INITIALIZED);
}

/// The certificate cache may have told of another key.
TEST_F(Decrypting, theKeyThatEncryptsIsConfirmedByTheCardOnce) {
  encrypt(pkcs1, secret);
  encrypt(pkcs1, secret);
  EXPECT_EQ(cardState->confirmations, 1);
  ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  start();
  session = open();
  publicKey = findOne(session, CKO_PUBLIC_KEY, kEncryptionId);
  cardState->nextError = card::ErrorCode::CardRemoved;
  CK_BYTE data[] = {1};
  CK_BYTE ciphertext[256];
  CK_ULONG size = sizeof(ciphertext);
  ASSERT_EQ(p11->C_EncryptInit(session, &pkcs1, publicKey), CKR_OK);
  EXPECT_EQ(p11->C_Encrypt(session, data, 1, ciphertext, &size), CKR_DEVICE_REMOVED);
}

TEST_F(Decrypting, everyMechanismGivesTheMessageBack) {
  Bytes plain;
  ASSERT_EQ(decrypt(pkcs1, encrypt(pkcs1, secret), plain), CKR_OK);
  EXPECT_EQ(plain, secret);
  EXPECT_THAT(cardState->log, ElementsAre("decipher"));
  ASSERT_EQ(decrypt(pkcs1, encrypt(pkcs1, {}), plain), CKR_OK);
  EXPECT_EQ(plain, Bytes());
  ASSERT_EQ(decrypt(pkcs1, encrypt(pkcs1, Bytes(245, 7)), plain), CKR_OK);
  EXPECT_EQ(plain, Bytes(245, 7));
  ASSERT_EQ(decrypt(raw, encrypt(raw, secret), plain), CKR_OK);
  EXPECT_EQ(plain.size(), 256U);
  EXPECT_TRUE(std::equal(secret.rbegin(), secret.rend(), plain.rbegin()));
  Bytes label{'l'};
  for (const auto& [hash, mgf] :
       {std::pair{CKM_SHA_1, CKG_MGF1_SHA1}, std::pair{CKM_SHA256, CKG_MGF1_SHA256},
        std::pair{CKM_SHA384, CKG_MGF1_SHA384}, std::pair{CKM_SHA512, CKG_MGF1_SHA512},
        std::pair{CKM_SHA256, CKG_MGF1_SHA1}}) {
    CK_RSA_PKCS_OAEP_PARAMS parameters{hash, mgf, CKZ_DATA_SPECIFIED, label.data(), label.size()};
    CK_MECHANISM oaep{CKM_RSA_PKCS_OAEP, &parameters, sizeof(parameters)};
    ASSERT_EQ(decrypt(oaep, encrypt(oaep, secret), plain), CKR_OK);
    EXPECT_EQ(plain, secret);
    parameters.ulSourceDataLen = 0;
    const Bytes unlabelled = encrypt(oaep, secret);
    parameters.ulSourceDataLen = 1;
    EXPECT_EQ(decrypt(oaep, unlabelled, plain), CKR_ENCRYPTED_DATA_INVALID);
  }
}

TEST_F(Decrypting, aBadPaddingLooksLikeAMessage) {
  Bytes block(256, 0x55);
  block[0] = 0;
  Bytes first;
  Bytes second;
  const Bytes ciphertext = encrypt(raw, block);
  ASSERT_EQ(decrypt(pkcs1, ciphertext, first), CKR_OK);
  ASSERT_EQ(decrypt(pkcs1, ciphertext, second), CKR_OK);
  EXPECT_EQ(first, second) << "the same ciphertext, the same message";
  block[100] ^= 1;
  ASSERT_EQ(decrypt(pkcs1, encrypt(raw, block), second), CKR_OK);
  EXPECT_NE(first, second);
}

TEST_F(Decrypting, aSmallBufferKeepsTheOperationAndTheCardIsAskedOnce) {
  Bytes ciphertext = encrypt(pkcs1, secret);
  ASSERT_EQ(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_Decrypt(session, ciphertext.data(), 256, nullptr, &size), CKR_OK);
  EXPECT_EQ(size, 245U);
  EXPECT_THAT(cardState->log, ElementsAre());
  Bytes plain(6);
  size = 5;
  EXPECT_EQ(p11->C_Decrypt(session, ciphertext.data(), 256, plain.data(), &size),
            CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 6U);
  EXPECT_EQ(p11->C_Decrypt(session, ciphertext.data(), 256, plain.data(), &size), CKR_OK);
  EXPECT_EQ(plain, secret);
  EXPECT_THAT(cardState->log, ElementsAre("decipher"));
}

TEST_F(Decrypting, partsAreJoined) {
  Bytes ciphertext = encrypt(pkcs1, secret);
  ASSERT_EQ(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
  Bytes plain(256);
  CK_ULONG size = plain.size();
  EXPECT_EQ(p11->C_DecryptUpdate(session, ciphertext.data(), 100, plain.data(), &size), CKR_OK);
  EXPECT_EQ(size, 0U);
  size = plain.size();
  EXPECT_EQ(p11->C_DecryptUpdate(session, ciphertext.data() + 100, 156, plain.data(), &size),
            CKR_OK);
  size = plain.size();
  EXPECT_EQ(p11->C_DecryptFinal(session, plain.data(), &size), CKR_OK);
  plain.resize(size);
  EXPECT_EQ(plain, secret);
}

TEST_F(Decrypting, ciphertextsThatCannotBeAreNotAskedOfTheCard) {
  Bytes plain;
  EXPECT_EQ(decrypt(pkcs1, Bytes(255), plain), CKR_ENCRYPTED_DATA_LEN_RANGE);
  EXPECT_EQ(decrypt(pkcs1, Bytes(257), plain), CKR_ENCRYPTED_DATA_LEN_RANGE);
  EXPECT_EQ(decrypt(pkcs1, Bytes(256, 0xFF), plain), CKR_ENCRYPTED_DATA_INVALID);
  EXPECT_THAT(cardState->log, ElementsAre());
}

TEST_F(Decrypting, initChecksMechanismAndKey) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  EXPECT_EQ(p11->C_DecryptInit(session, &mechanism, key), CKR_MECHANISM_INVALID);
  mechanism = {CKM_RSA_PKCS_OAEP, nullptr, 0};
  EXPECT_EQ(p11->C_DecryptInit(session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
  CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_MD5, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
  mechanism = {CKM_RSA_PKCS_OAEP, &parameters, sizeof(parameters)};
  EXPECT_EQ(p11->C_DecryptInit(session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
  parameters = {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 5};
  EXPECT_EQ(p11->C_DecryptInit(session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
  key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  EXPECT_EQ(p11->C_DecryptInit(session, &pkcs1, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
  EXPECT_EQ(p11->C_EncryptInit(session, &pkcs1, key), CKR_KEY_TYPE_INCONSISTENT);
}

TEST_F(Decrypting, aCardResetByAnotherProgramIsVerifiedAgain) {
  Bytes plain;
  const Bytes ciphertext = encrypt(pkcs1, secret);
  ASSERT_EQ(decrypt(pkcs1, ciphertext, plain), CKR_OK);
  cardState->verified = false;
  ASSERT_EQ(decrypt(pkcs1, ciphertext, plain), CKR_OK);
  ASSERT_EQ(decrypt(pkcs1, ciphertext, plain), CKR_OK);
  EXPECT_EQ(plain, secret);
  EXPECT_THAT(cardState->log,
              ElementsAre("decipher", "decipher", "verify", "decipher", "decipher"));
}

TEST_F(Decrypting, aPinThatWasChangedElsewhereIsGivenOnceAndNotAgain) {
  Bytes plain;
  const Bytes ciphertext = encrypt(pkcs1, secret);
  cardState->verified = false;
  cardState->pin = "654321";
  EXPECT_EQ(decrypt(pkcs1, ciphertext, plain), CKR_USER_NOT_LOGGED_IN);
  EXPECT_EQ(decrypt(pkcs1, ciphertext, plain), CKR_KEY_HANDLE_INVALID);  // the login is over
  EXPECT_EQ(cardState->triesLeft, 2U);
}

}  // namespace
}  // namespace fncard::test
