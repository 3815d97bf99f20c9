// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "pkcs11/object_store.h"
#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class Objects : public ModuleTest {
 protected:
  CK_RV read(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE& attribute) {
    return p11->C_GetAttributeValue(session, object, &attribute, 1);
  }
};

TEST_F(Objects, privateKeysAreThereAfterLoginOnly) {
  start();
  const auto session = open();
  EXPECT_EQ(findAll(session).size(), kPublicObjects);
  EXPECT_EQ(findOne(session, CKO_PRIVATE_KEY, kSignatureId), CK_INVALID_HANDLE);
  ASSERT_EQ(login(session), CKR_OK);
  EXPECT_EQ(findAll(session).size(), kPublicObjects + 2);
  EXPECT_NE(findOne(session, CKO_PRIVATE_KEY, kSignatureId), CK_INVALID_HANDLE);
  EXPECT_NE(findOne(session, CKO_PRIVATE_KEY, kEncryptionId), CK_INVALID_HANDLE);
}

TEST_F(Objects, aPrivateHandleIsDeadAfterLogout) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  const auto key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  const auto certificate = findOne(session, CKO_CERTIFICATE, kSignatureId);
  ASSERT_EQ(p11->C_Logout(session), CKR_OK);
  ASSERT_EQ(login(session), CKR_OK);
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_GetObjectSize(session, key, &size), CKR_OBJECT_HANDLE_INVALID);
  EXPECT_EQ(p11->C_GetObjectSize(session, certificate, &size), CKR_OK);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  EXPECT_EQ(p11->C_SignInit(session, &mechanism, key), CKR_KEY_HANDLE_INVALID);
}

TEST_F(Objects, theSigningKeyWantsThePinEachTime) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  const auto signing = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  const auto encryption = findOne(session, CKO_PRIVATE_KEY, kEncryptionId);
  EXPECT_EQ(attribute(session, signing, CKA_ALWAYS_AUTHENTICATE), Bytes{CK_TRUE});
  EXPECT_EQ(attribute(session, encryption, CKA_ALWAYS_AUTHENTICATE), Bytes{CK_FALSE});
  EXPECT_EQ(attribute(session, signing, CKA_SIGN), Bytes{CK_TRUE});
  EXPECT_EQ(attribute(session, signing, CKA_DECRYPT), Bytes{CK_FALSE});
  EXPECT_EQ(attribute(session, encryption, CKA_SIGN), Bytes{CK_FALSE});
  EXPECT_EQ(attribute(session, encryption, CKA_DECRYPT), Bytes{CK_TRUE});
}

TEST_F(Objects, certificateAndPublicKeyCarryWhatClientsRead) {
  start(card::KeyAlgorithm::EcP256);
  const auto session = open();
  const auto certificate = findOne(session, CKO_CERTIFICATE, kSignatureId);
  const auto& key = FakeKey::of(card::KeyAlgorithm::EcP256);
  EXPECT_EQ(attribute(session, certificate, CKA_VALUE), key.certificate);
  EXPECT_EQ(attribute(session, certificate, CKA_SERIAL_NUMBER), (Bytes{0x02, 0x02, 0x12, 0x67}));
  EXPECT_EQ(attribute(session, certificate, CKA_SUBJECT),
            attribute(session, certificate, CKA_ISSUER));
  const auto date = attribute(session, certificate, CKA_START_DATE);
  EXPECT_EQ(std::string(date.begin(), date.end()), "20260101");
  const auto publicKey = findOne(session, CKO_PUBLIC_KEY, kSignatureId);
  const auto point = attribute(session, publicKey, CKA_EC_POINT);
  ASSERT_EQ(point.size(), 67U);
  EXPECT_EQ(point[0], 0x04);
  EXPECT_EQ(point[1], 65);
  EXPECT_EQ(point[2], 0x04);
  EXPECT_EQ(attribute(session, publicKey, CKA_EC_PARAMS),
            (Bytes{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}));
}

TEST_F(Objects, attributesAnswerByTheStandard) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  const auto key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  CK_BYTE small[4];
  CK_ATTRIBUTE sensitive{CKA_PRIVATE_EXPONENT, small, sizeof(small)};
  EXPECT_EQ(read(session, key, sensitive), CKR_ATTRIBUTE_SENSITIVE);
  EXPECT_EQ(sensitive.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  CK_ATTRIBUTE unknown{CKA_URL, small, sizeof(small)};
  EXPECT_EQ(read(session, key, unknown), CKR_ATTRIBUTE_TYPE_INVALID);
  EXPECT_EQ(unknown.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  CK_ATTRIBUTE large{CKA_MODULUS, small, sizeof(small)};
  EXPECT_EQ(read(session, key, large), CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(large.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  CK_OBJECT_CLASS objectClass = 0;
  CK_ATTRIBUTE several[] = {{CKA_VALUE, nullptr, 0},
                            {CKA_CLASS, &objectClass, sizeof(objectClass)}};
  EXPECT_EQ(p11->C_GetAttributeValue(session, key, several, 2), CKR_ATTRIBUTE_SENSITIVE);
  EXPECT_EQ(objectClass, CKO_PRIVATE_KEY) << "the others are answered all the same";
  CK_ATTRIBUTE any{CKA_LABEL, nullptr, 0};
  EXPECT_EQ(read(session, 4711, any), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(Objects, aSearchGoesInPartsAndOneAtATime) {
  start();
  const auto session = open();
  CK_OBJECT_HANDLE found[3];
  CK_ULONG count = 0;
  ASSERT_EQ(p11->C_FindObjectsInit(session, nullptr, 0), CKR_OK);
  EXPECT_EQ(p11->C_FindObjectsInit(session, nullptr, 0), CKR_OPERATION_ACTIVE);
  EXPECT_EQ(p11->C_FindObjects(session, found, 3, &count), CKR_OK);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(p11->C_FindObjects(session, found, 3, &count), CKR_OK);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(p11->C_FindObjects(session, found, 3, &count), CKR_OK);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(p11->C_FindObjects(session, found, 3, &count), CKR_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(p11->C_FindObjectsFinal(session), CKR_OK);
}

TEST_F(Objects, templatesMatchWholeValues) {
  start();
  const auto session = open();
  CK_BYTE odd[] = {2, 2};
  EXPECT_TRUE(findAll(session, {{CKA_ID, odd, 2}}).empty());
  EXPECT_EQ(findAll(session, {{CKA_ID, odd, 1}}).size(), 2U);
  CK_OBJECT_CLASS wrongSize = CKO_CERTIFICATE;
  EXPECT_TRUE(findAll(session, {{CKA_CLASS, &wrongSize, 1}}).empty());
  EXPECT_TRUE(findAll(session, {{CKA_VENDOR_DEFINED, odd, 1}}).empty());
}

TEST_F(Objects, objectsOfTheCardAreNotChanged) {
  start();
  const auto session = open(CKF_RW_SESSION);
  const auto certificate = findOne(session, CKO_CERTIFICATE, kSignatureId);
  CK_OBJECT_HANDLE copy = 0;
  CK_BYTE label[] = "x";
  CK_ATTRIBUTE change{CKA_LABEL, label, 1};
  EXPECT_EQ(p11->C_DestroyObject(session, certificate), CKR_ACTION_PROHIBITED);
  EXPECT_EQ(p11->C_SetAttributeValue(session, certificate, &change, 1), CKR_ACTION_PROHIBITED);
  EXPECT_EQ(p11->C_CopyObject(session, certificate, &change, 1, &copy), CKR_ACTION_PROHIBITED);
  EXPECT_EQ(p11->C_DestroyObject(session, 4711), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(Objects, aCertificateThatNobodyCanReadHidesItsOwnKeyOnly) {
  cardState = makeFakeCard(card::KeyAlgorithm::EcP256);
  cardState->keys[card::KeyRole::Signature].certificate = {0x30, 0x03, 0x02, 0x01, 0x00};
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  const auto session = open();
  EXPECT_EQ(findAll(session).size(), kPublicObjects - 2);
  EXPECT_NE(findOne(session, CKO_CERTIFICATE, kEncryptionId), CK_INVALID_HANDLE);
}

TEST_F(Objects, aCardWithoutCertificatesHasItsProfilesOnly) {
  cardState = makeFakeCard(card::KeyAlgorithm::EcP256);
  cardState->keys.clear();
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  EXPECT_EQ(findAll(open()).size(), 3U);
}

/// A flag that one call has set is not undone by another that read the object before.
TEST(ObjectStore, changesAtTheSameTimeAreAllMade) {
  constexpr CK_ULONG kEach = 500;
  pkcs11::ObjectStore store;
  const auto handle = store.add(std::make_shared<const pkcs11::Object>(
      pkcs11::Object::Attributes{{CKA_MODULUS_BITS, pkcs11::numberValue(0)}}, nullptr));
  ASSERT_TRUE(handle);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (CK_ULONG step = 0; step < kEach; ++step) {
        const auto changed = store.change(*handle, false, [](const pkcs11::Object& object) {
          return pkcs11::Result<std::shared_ptr<const pkcs11::Object>>(object.with(
              {{CKA_MODULUS_BITS, pkcs11::numberValue(object.number(CKA_MODULUS_BITS) + 1)}}));
        });
        EXPECT_TRUE(changed);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ((*store.find(*handle, false))->number(CKA_MODULUS_BITS), 4 * kEach);
}

}  // namespace
}  // namespace fncard::test
