// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using testing::ElementsAre;

class Signing : public ModuleTest {
 protected:
  void begin(card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048) {
    start(algorithm);
    session = open();
    ASSERT_EQ(login(session), CKR_OK);
    key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
    publicKey = findOne(session, CKO_PUBLIC_KEY, kSignatureId);
    cardState->log.clear();
  }
  CK_RV initialise(CK_MECHANISM mechanism) { return p11->C_SignInit(session, &mechanism, key); }
  CK_RV contextLogin(std::string_view pin = "123456") {
    return login(session, pin, CKU_CONTEXT_SPECIFIC);
  }
  CK_RV sign(Bytes& signature) {
    CK_ULONG size = signature.size();
    const CK_RV rv = p11->C_Sign(session, data.data(), data.size(), signature.data(), &size);
    signature.resize(rv == CKR_OK ? size : 0);
    return rv;
  }
  CK_RV verify(CK_MECHANISM mechanism, Bytes& signature) {
    const CK_RV rv = p11->C_VerifyInit(session, &mechanism, publicKey);
    return rv != CKR_OK ? rv
                        : p11->C_Verify(session, data.data(), data.size(), signature.data(),
                                        signature.size());
  }
  void signsAndVerifies(CK_MECHANISM mechanism, std::size_t expectedSize) {
    ASSERT_EQ(initialise(mechanism), CKR_OK) << mechanism.mechanism;
    ASSERT_EQ(contextLogin(), CKR_OK);
    Bytes signature(512);
    ASSERT_EQ(sign(signature), CKR_OK) << mechanism.mechanism;
    EXPECT_EQ(signature.size(), expectedSize);
    EXPECT_EQ(verify(mechanism, signature), CKR_OK) << mechanism.mechanism;
    signature[expectedSize / 2] ^= 1;
    EXPECT_EQ(verify(mechanism, signature), CKR_SIGNATURE_INVALID);
    signature.push_back(0);
    EXPECT_EQ(verify(mechanism, signature), CKR_SIGNATURE_LEN_RANGE);
  }

  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
  CK_OBJECT_HANDLE publicKey = 0;
  Bytes data{'d', 'a', 't', 'a'};
  CK_MECHANISM sha256Rsa{CKM_SHA256_RSA_PKCS, nullptr, 0};
};

TEST_F(Signing, everyRsaMechanismIsVerified) {
  begin();
  for (const auto type : {CKM_RSA_PKCS, CKM_RSA_X_509, CKM_SHA224_RSA_PKCS, CKM_SHA256_RSA_PKCS,
                          CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS}) {
    signsAndVerifies({type, nullptr, 0}, 256);
  }
  struct Pss {
    CK_MECHANISM_TYPE type;
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
    CK_ULONG salt;
  };
  for (const auto& [type, hash, mgf, salt] :
       {Pss{CKM_SHA224_RSA_PKCS_PSS, CKM_SHA224, CKG_MGF1_SHA224, 28},
        Pss{CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32},
        Pss{CKM_SHA384_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA384, 48},
        Pss{CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA512, 64},
        Pss{CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA512, 0},
        Pss{CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 222}}) {
    CK_RSA_PKCS_PSS_PARAMS parameters{hash, mgf, salt};
    signsAndVerifies({type, &parameters, sizeof(parameters)}, 256);
  }
  data.resize(32);
  CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, 32};
  signsAndVerifies({CKM_RSA_PKCS_PSS, &parameters, sizeof(parameters)}, 256);
}

TEST_F(Signing, everyEcMechanismIsVerified) {
  for (const auto algorithm : {card::KeyAlgorithm::EcP256, card::KeyAlgorithm::EcP384}) {
    begin(algorithm);
    for (const auto type :
         {CKM_ECDSA, CKM_ECDSA_SHA224, CKM_ECDSA_SHA256, CKM_ECDSA_SHA384, CKM_ECDSA_SHA512}) {
      signsAndVerifies({type, nullptr, 0}, 2 * card::keySize(algorithm));
    }
    ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  }
}

TEST_F(Signing, aSignatureIsOneVerifyAndOneSign) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  Bytes signature(256);
  ASSERT_EQ(sign(signature), CKR_OK);
  EXPECT_THAT(cardState->log, ElementsAre("verify", "sign"));
}

TEST_F(Signing, withoutThePinOfTheSignatureNothingIsAskedOfTheCard) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_USER_NOT_LOGGED_IN);
  signature.resize(256);
  EXPECT_EQ(sign(signature), CKR_OPERATION_NOT_INITIALIZED) << "the failure ended it";
  EXPECT_THAT(cardState->log, ElementsAre());
}

TEST_F(Signing, onePinIsForOneSignature) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  Bytes signature(256);
  ASSERT_EQ(sign(signature), CKR_OK);
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(sign(signature), CKR_USER_NOT_LOGGED_IN);
}

TEST_F(Signing, aWrongPinOfTheSignatureIsToldAtOnce) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(contextLogin("999999"), CKR_PIN_INCORRECT);
  EXPECT_EQ(cardState->triesLeft, 2U);
  ASSERT_EQ(contextLogin(), CKR_OK) << "the operation still waits for the right one";
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_OK);
}

TEST_F(Signing, contextLoginWithoutASignatureIsRefused) {
  begin();
  EXPECT_EQ(contextLogin(), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, aPinThatWasChangedElsewhereIsNotPlayedAgain) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  cardState->pin = "24681357";
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_USER_NOT_LOGGED_IN) << "no PIN was given in this call";
  EXPECT_EQ(cardState->triesLeft, 2U);
  CK_SESSION_INFO info;
  ASSERT_EQ(p11->C_GetSessionInfo(session, &info), CKR_OK);
  EXPECT_EQ(info.state, CKS_RO_PUBLIC_SESSION) << "the login is over";
  EXPECT_EQ(login(session, "24681357"), CKR_OK);
}

TEST_F(Signing, aPinThatWasChangedElsewhereIsGivenOnceByAllThreads) {
  pc.settings.alwaysAuthenticate = pkcs11::AlwaysAuthenticate::Session;
  begin(card::KeyAlgorithm::EcP256);
  cardState->pin = "24681357";
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, own = open()] {
      CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
      CK_BYTE digest[32] = {};
      CK_BYTE signature[64];
      CK_ULONG size = sizeof(signature);
      if (p11->C_SignInit(own, &mechanism, key) == CKR_OK) {
        EXPECT_NE(p11->C_Sign(own, digest, sizeof(digest), signature, &size), CKR_OK);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(cardState->triesLeft, 2U);
}

TEST_F(Signing, askingTheLengthAndASmallBufferKeepTheOperation) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_Sign(session, data.data(), data.size(), nullptr, &size), CKR_OK);
  EXPECT_EQ(size, 256U);
  Bytes signature(256);
  size = 255;
  EXPECT_EQ(p11->C_Sign(session, data.data(), data.size(), signature.data(), &size),
            CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 256U);
  EXPECT_THAT(cardState->log, ElementsAre());
  EXPECT_EQ(p11->C_Sign(session, data.data(), data.size(), signature.data(), &size), CKR_OK);
}

TEST_F(Signing, aBadArgumentEndsTheOperation) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  Bytes signature(256);
  CK_ULONG size = 256;
  EXPECT_EQ(p11->C_Sign(session, nullptr, 4, signature.data(), &size), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_Sign(session, data.data(), 4, signature.data(), &size),
            CKR_OPERATION_NOT_INITIALIZED);
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(p11->C_Sign(session, data.data(), 4, signature.data(), nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data(), 4), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, partsMakeTheSameSignature) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data(), 2), CKR_OK);
  EXPECT_EQ(p11->C_SignUpdate(session, nullptr, 0), CKR_OK);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data() + 2, 2), CKR_OK);
  Bytes signature(256);
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_SignFinal(session, nullptr, &size), CKR_OK);
  EXPECT_EQ(p11->C_SignFinal(session, signature.data(), &size), CKR_OK);
  EXPECT_EQ(verify(sha256Rsa, signature), CKR_OK);
  CK_MECHANISM mechanism = sha256Rsa;
  ASSERT_EQ(p11->C_VerifyInit(session, &mechanism, publicKey), CKR_OK);
  EXPECT_EQ(p11->C_VerifyUpdate(session, data.data(), 3), CKR_OK);
  EXPECT_EQ(p11->C_VerifyUpdate(session, data.data() + 3, 1), CKR_OK);
  EXPECT_EQ(p11->C_VerifyFinal(session, signature.data(), size), CKR_OK);
}

TEST_F(Signing, oneShotAfterPartsIsRefusedAndEnds) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data(), 2), CKR_OK);
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_OPERATION_ACTIVE);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data(), 2), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, initChecksMechanismAndKey) {
  begin();
  EXPECT_EQ(initialise({CKM_SHA1_RSA_PKCS, nullptr, 0}), CKR_MECHANISM_INVALID);
  EXPECT_EQ(initialise({CKM_MD5_RSA_PKCS, nullptr, 0}), CKR_MECHANISM_INVALID);
  EXPECT_EQ(initialise({CKM_SHA256, nullptr, 0}), CKR_MECHANISM_INVALID);
  EXPECT_EQ(initialise({CKM_ECDSA_SHA256, nullptr, 0}), CKR_KEY_TYPE_INCONSISTENT);
  EXPECT_EQ(initialise({CKM_SHA256_RSA_PKCS, data.data(), 4}), CKR_MECHANISM_PARAM_INVALID);
  EXPECT_EQ(initialise({CKM_SHA256_RSA_PKCS_PSS, nullptr, 0}), CKR_MECHANISM_PARAM_INVALID);
  CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA384, CKG_MGF1_SHA256, 32};
  EXPECT_EQ(initialise({CKM_SHA256_RSA_PKCS_PSS, &parameters, sizeof(parameters)}),
            CKR_MECHANISM_PARAM_INVALID);
  EXPECT_EQ(initialise({CKM_SHA384_RSA_PKCS_PSS, &parameters, sizeof(parameters) - 1}),
            CKR_MECHANISM_PARAM_INVALID);
  EXPECT_EQ(initialise({CKM_SHA384_RSA_PKCS_PSS, nullptr, sizeof(parameters)}),
            CKR_MECHANISM_PARAM_INVALID);
  parameters = {CKM_SHA256, CKG_MGF1_SHA256, 223};
  EXPECT_EQ(initialise({CKM_SHA256_RSA_PKCS_PSS, &parameters, sizeof(parameters)}),
            CKR_MECHANISM_PARAM_INVALID);
  parameters = {CKM_SHA_1, CKG_MGF1_SHA1, 20};
  EXPECT_EQ(initialise({CKM_RSA_PKCS_PSS, &parameters, sizeof(parameters)}),
            CKR_MECHANISM_PARAM_INVALID);
  key = findOne(session, CKO_PRIVATE_KEY, kEncryptionId);
  EXPECT_EQ(initialise(sha256Rsa), CKR_KEY_FUNCTION_NOT_PERMITTED);
  key = publicKey;
  EXPECT_EQ(initialise(sha256Rsa), CKR_KEY_TYPE_INCONSISTENT);
  key = 4711;
  EXPECT_EQ(initialise(sha256Rsa), CKR_KEY_HANDLE_INVALID);
  key = findOne(session, CKO_CERTIFICATE, kSignatureId);
  EXPECT_EQ(initialise(sha256Rsa), CKR_KEY_HANDLE_INVALID) << "an object, but no key";
  key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  EXPECT_EQ(initialise(sha256Rsa), CKR_OK) << "no failure left anything behind";
  EXPECT_EQ(initialise(sha256Rsa), CKR_OPERATION_ACTIVE);
}

TEST_F(Signing, anEmptyDigestIsNotSigned) {
  begin(card::KeyAlgorithm::EcP256);
  ASSERT_EQ(initialise({CKM_ECDSA, nullptr, 0}), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  CK_BYTE nothing[1];
  CK_BYTE signature[64];
  CK_ULONG size = sizeof(signature);
  EXPECT_EQ(p11->C_Sign(session, nothing, 0, signature, &size), CKR_DATA_LEN_RANGE);
}

TEST_F(Signing, dataThatDoesNotFitIsRefused) {
  begin();
  Bytes signature(256);
  data.resize(246);
  ASSERT_EQ(initialise({CKM_RSA_PKCS, nullptr, 0}), CKR_OK);
  EXPECT_EQ(sign(signature), CKR_DATA_LEN_RANGE);
  data.assign(257, 0);
  signature.resize(256);
  ASSERT_EQ(initialise({CKM_RSA_X_509, nullptr, 0}), CKR_OK);
  EXPECT_EQ(sign(signature), CKR_DATA_LEN_RANGE);
  data.assign(256, 0xFF);
  signature.resize(256);
  ASSERT_EQ(initialise({CKM_RSA_X_509, nullptr, 0}), CKR_OK);
  EXPECT_EQ(sign(signature), CKR_DATA_INVALID);
  CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, 32};
  data.resize(31);
  signature.resize(256);
  ASSERT_EQ(initialise({CKM_RSA_PKCS_PSS, &parameters, sizeof(parameters)}), CKR_OK);
  EXPECT_EQ(sign(signature), CKR_DATA_LEN_RANGE);
}

TEST_F(Signing, aCardPulledInTheMiddleIsTold) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  pc.put("Reader", nullptr);
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_DEVICE_REMOVED);
  EXPECT_EQ(sign(signature), CKR_DEVICE_REMOVED);
  EXPECT_EQ(sign(signature), CKR_SESSION_HANDLE_INVALID);
}

TEST_F(Signing, logoutEndsTheSignature) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  ASSERT_EQ(contextLogin(), CKR_OK);
  ASSERT_EQ(p11->C_Logout(session), CKR_OK);
  Bytes signature(256);
  EXPECT_EQ(sign(signature), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, aSignatureCanBeCancelled) {
  begin();
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(C_SessionCancel(session, CKF_DIGEST), CKR_OK);
  EXPECT_EQ(initialise(sha256Rsa), CKR_OPERATION_ACTIVE);
  EXPECT_EQ(C_SessionCancel(session, CKF_SIGN), CKR_OK);
  EXPECT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(p11->C_SignInit(session, nullptr, key), CKR_OK);
  EXPECT_EQ(p11->C_SignUpdate(session, data.data(), 1), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, anotherDigestInBetweenIsRefused) {
  begin();
  CK_MECHANISM sha{CKM_SHA256, nullptr, 0};
  ASSERT_EQ(initialise(sha256Rsa), CKR_OK);
  EXPECT_EQ(p11->C_DigestInit(session, &sha), CKR_OPERATION_ACTIVE);
  EXPECT_EQ(p11->C_DigestInit(open(), &sha), CKR_OK) << "another session is free";
}

TEST_F(Signing, threadsSignSideBySide) {
  begin(card::KeyAlgorithm::EcP256);
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> signatures{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      CK_SESSION_HANDLE own = 0;
      if (p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &own) != CKR_OK) {
        return;
      }
      for (int round = 0; round < 10; ++round) {
        CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
        CK_BYTE signature[64];
        CK_ULONG size = sizeof(signature);
        CK_BYTE text[] = "text";
        std::string pin = "123456";
        if (p11->C_SignInit(own, &mechanism, key) == CKR_OK &&
            p11->C_Login(own, CKU_CONTEXT_SPECIFIC, reinterpret_cast<CK_BYTE_PTR>(pin.data()),
                         pin.size()) == CKR_OK &&
            p11->C_Sign(own, text, 4, signature, &size) == CKR_OK) {
          ++signatures;
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(signatures, 40);
}

TEST_F(Signing, digestsGoInOneOrManyParts) {
  start();
  session = open();
  CK_MECHANISM sha{CKM_SHA256, nullptr, 0};
  Bytes once(32);
  Bytes parts(32);
  CK_ULONG size = 0;
  ASSERT_EQ(p11->C_DigestInit(session, &sha), CKR_OK);
  EXPECT_EQ(p11->C_Digest(session, data.data(), data.size(), nullptr, &size), CKR_OK);
  EXPECT_EQ(size, 32U);
  EXPECT_EQ(p11->C_Digest(session, data.data(), data.size(), once.data(), &size), CKR_OK);
  ASSERT_EQ(p11->C_DigestInit(session, &sha), CKR_OK);
  EXPECT_EQ(p11->C_DigestUpdate(session, data.data(), 1), CKR_OK);
  EXPECT_EQ(p11->C_DigestUpdate(session, data.data() + 1, data.size() - 1), CKR_OK);
  size = 31;
  EXPECT_EQ(p11->C_DigestFinal(session, parts.data(), &size), CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(p11->C_DigestFinal(session, parts.data(), &size), CKR_OK);
  EXPECT_EQ(once, parts);
  ASSERT_EQ(p11->C_DigestInit(session, &sha), CKR_OK);
  EXPECT_EQ(p11->C_Digest(session, data.data(), data.size(), once.data(), nullptr),
            CKR_ARGUMENTS_BAD);
  CK_MECHANISM bad{CKM_SHA256, data.data(), 1};
  EXPECT_EQ(p11->C_DigestInit(session, &bad), CKR_MECHANISM_PARAM_INVALID);
  bad = {CKM_ECDSA, nullptr, 0};
  EXPECT_EQ(p11->C_DigestInit(session, &bad), CKR_MECHANISM_INVALID);
}

}  // namespace
}  // namespace fncard::test
