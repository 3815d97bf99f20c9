// SPDX-License-Identifier: Apache-2.0
// Objects that applications make in a session, and what 3.2 does with the signature given first.
#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class SessionObjects : public ModuleTest {
 protected:
  CK_RV create(std::vector<CK_ATTRIBUTE> wanted) {
    return p11->C_CreateObject(session, wanted.data(), wanted.size(), &made);
  }
  /// A template of the parts of the card's public key.
  std::vector<CK_ATTRIBUTE> keyTemplate(std::initializer_list<CK_ATTRIBUTE_TYPE> types) {
    const auto key = findOne(session, CKO_PUBLIC_KEY, kSignatureId);
    std::vector<CK_ATTRIBUTE> wanted;
    for (const auto type : types) {
      Bytes& value = parts[type] = attribute(session, key, type);
      wanted.push_back({type, value.data(), value.size()});
    }
    return wanted;
  }
  void begin(card::KeyAlgorithm algorithm) {
    start(algorithm);
    session = open();
  }

  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE made = 0;
  std::map<CK_ATTRIBUTE_TYPE, Bytes> parts;
  CK_BBOOL yes = CK_TRUE;
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE x509 = CKC_X_509;
  CK_BYTE text[5] = {'h', 'e', 'l', 'l', 'o'};
};

TEST_F(SessionObjects, dataIsThereUntilItsSessionEnds) {
  begin(card::KeyAlgorithm::EcP256);
  const auto other = open();
  ASSERT_EQ(create({{CKA_CLASS, &data, sizeof(data)}, {CKA_VALUE, text, sizeof(text)}}), CKR_OK);
  EXPECT_EQ(attribute(other, made, CKA_VALUE), Bytes(text, text + sizeof(text)));
  EXPECT_EQ(attribute(other, made, CKA_TOKEN), Bytes{CK_FALSE});
  ASSERT_EQ(p11->C_CloseSession(session), CKR_OK);
  CK_ULONG size = 0;
  EXPECT_EQ(p11->C_GetObjectSize(other, made, &size), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(SessionObjects, aDestroyedObjectStaysDead) {
  begin(card::KeyAlgorithm::EcP256);
  ASSERT_EQ(create({{CKA_CLASS, &data, sizeof(data)}}), CKR_OK);
  EXPECT_EQ(p11->C_DestroyObject(session, made), CKR_OK);
  EXPECT_EQ(p11->C_DestroyObject(session, made), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(SessionObjects, labelsChangeAndCopiesAreOwnObjects) {
  begin(card::KeyAlgorithm::EcP256);
  ASSERT_EQ(create({{CKA_CLASS, &data, sizeof(data)}, {CKA_LABEL, text, 2}}), CKR_OK);
  CK_ATTRIBUTE label{CKA_LABEL, text, sizeof(text)};
  CK_OBJECT_HANDLE copy = 0;
  ASSERT_EQ(p11->C_CopyObject(session, made, &label, 1, &copy), CKR_OK);
  EXPECT_NE(copy, made);
  EXPECT_EQ(attribute(session, made, CKA_LABEL), (Bytes{'h', 'e'}));
  EXPECT_EQ(attribute(session, copy, CKA_LABEL), Bytes(text, text + sizeof(text)));
  ASSERT_EQ(p11->C_SetAttributeValue(session, made, &label, 1), CKR_OK);
  EXPECT_EQ(attribute(session, made, CKA_LABEL), Bytes(text, text + sizeof(text)));
  CK_ATTRIBUTE value{CKA_VALUE, text, 1};
  EXPECT_EQ(p11->C_SetAttributeValue(session, made, &value, 1), CKR_ATTRIBUTE_READ_ONLY);
  CK_ATTRIBUTE modulus{CKA_MODULUS, text, 1};
  EXPECT_EQ(p11->C_SetAttributeValue(session, made, &modulus, 1), CKR_ATTRIBUTE_TYPE_INVALID);
  CK_ATTRIBUTE token{CKA_TOKEN, &yes, 1};
  EXPECT_EQ(p11->C_CopyObject(session, made, &token, 1, &copy), CKR_TOKEN_WRITE_PROTECTED);
}

TEST_F(SessionObjects, wrongTemplatesAreToldApart) {
  begin(card::KeyAlgorithm::EcP256);
  CK_OBJECT_CLASS secret = CKO_PRIVATE_KEY;
  const CK_ATTRIBUTE ofData{CKA_CLASS, &data, sizeof(data)};
  EXPECT_EQ(create({}), CKR_TEMPLATE_INCOMPLETE);
  EXPECT_EQ(create({{CKA_CLASS, &data, 1}}), CKR_ATTRIBUTE_VALUE_INVALID);
  EXPECT_EQ(create({{CKA_CLASS, &secret, sizeof(secret)}}), CKR_ATTRIBUTE_VALUE_INVALID);
  EXPECT_EQ(create({ofData, ofData}), CKR_TEMPLATE_INCONSISTENT);
  EXPECT_EQ(create({ofData, {CKA_TOKEN, &yes, 1}}), CKR_TOKEN_WRITE_PROTECTED);
  EXPECT_EQ(create({ofData, {CKA_PRIVATE, &yes, 1}}), CKR_USER_NOT_LOGGED_IN);
  EXPECT_EQ(create({ofData, {CKA_PRIVATE, text, 1}}), CKR_ATTRIBUTE_VALUE_INVALID);
  EXPECT_EQ(create({ofData, {CKA_MODULUS, text, 1}}), CKR_ATTRIBUTE_TYPE_INVALID);
  EXPECT_EQ(create({ofData, {CKA_VENDOR_DEFINED, text, 1}}), CKR_ATTRIBUTE_TYPE_INVALID);
  EXPECT_EQ(create({{CKA_CLASS, &certificate, sizeof(certificate)},
                    {CKA_CERTIFICATE_TYPE, &x509, sizeof(x509)},
                    {CKA_VALUE, text, sizeof(text)}}),
            CKR_ATTRIBUTE_VALUE_INVALID);
  EXPECT_EQ(create({{CKA_CLASS, &certificate, sizeof(certificate)}, {CKA_TRUSTED, &yes, 1}}),
            CKR_ATTRIBUTE_READ_ONLY);
}

/// Among them CK_UNAVAILABLE_INFORMATION, which C_GetAttributeValue itself leaves there.
TEST_F(SessionObjects, lengthsThatCannotBeAreRefused) {
  begin(card::KeyAlgorithm::EcP256);
  CK_BYTE value[4] = {};
  for (const CK_ULONG size : {CK_UNAVAILABLE_INFORMATION, CK_ULONG{1} << 63U, CK_ULONG{1} << 21U}) {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &data, sizeof(data)}, {CKA_VALUE, value, size}};
    EXPECT_EQ(p11->C_CreateObject(session, wanted, 2, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    EXPECT_EQ(p11->C_FindObjectsInit(session, wanted, 2), CKR_ATTRIBUTE_VALUE_INVALID);
  }
}

TEST_F(SessionObjects, aCertificateGivesItsOwnAttributes) {
  begin(card::KeyAlgorithm::EcP256);
  Bytes der = FakeKey::of(card::KeyAlgorithm::EcP384).certificate;
  std::vector<CK_ATTRIBUTE> wanted{{CKA_CLASS, &certificate, sizeof(certificate)},
                                   {CKA_CERTIFICATE_TYPE, &x509, sizeof(x509)},
                                   {CKA_VALUE, der.data(), der.size()}};
  ASSERT_EQ(create(wanted), CKR_OK);
  EXPECT_EQ(attribute(session, made, CKA_SUBJECT), attribute(session, made, CKA_ISSUER));
  EXPECT_EQ(attribute(session, made, CKA_VALUE), der);
  wanted.push_back({CKA_SUBJECT, text, sizeof(text)});
  EXPECT_EQ(create(wanted), CKR_TEMPLATE_INCONSISTENT);
}

TEST_F(SessionObjects, anRsaKeyChecksWhatTheCardSigned) {
  begin(card::KeyAlgorithm::Rsa2048);
  ASSERT_EQ(create(keyTemplate({CKA_CLASS, CKA_KEY_TYPE, CKA_MODULUS, CKA_PUBLIC_EXPONENT})),
            CKR_OK);
  ASSERT_EQ(login(session), CKR_OK);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  Bytes signature(256);
  CK_ULONG size = signature.size();
  ASSERT_EQ(p11->C_SignInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, 2)), CKR_OK);
  ASSERT_EQ(login(session, "123456", CKU_CONTEXT_SPECIFIC), CKR_OK);
  ASSERT_EQ(p11->C_Sign(session, text, sizeof(text), signature.data(), &size), CKR_OK);
  ASSERT_EQ(p11->C_VerifyInit(session, &mechanism, made), CKR_OK);
  EXPECT_EQ(p11->C_Verify(session, text, sizeof(text), signature.data(), size), CKR_OK);
  // the signature first, as in 3.2
  ASSERT_EQ(C_VerifySignatureInit(session, &mechanism, made, signature.data(), size), CKR_OK);
  EXPECT_EQ(p11->C_VerifyFinal(session, signature.data(), size), CKR_OPERATION_NOT_INITIALIZED);
  EXPECT_EQ(C_VerifySignatureUpdate(session, text, 2), CKR_OK);
  EXPECT_EQ(C_VerifySignatureUpdate(session, text + 2, 3), CKR_OK);
  EXPECT_EQ(C_VerifySignatureFinal(session), CKR_OK);
  ASSERT_EQ(C_VerifySignatureInit(session, &mechanism, made, signature.data(), size), CKR_OK);
  EXPECT_EQ(C_VerifySignature(session, text, 4), CKR_SIGNATURE_INVALID);
  EXPECT_EQ(C_VerifySignature(session, text, 4), CKR_OPERATION_NOT_INITIALIZED);
  EXPECT_EQ(C_VerifySignatureInit(session, &mechanism, made, signature.data(), 8),
            CKR_SIGNATURE_LEN_RANGE);
}

TEST_F(SessionObjects, anEcKeyIsMadeOfItsPoint) {
  begin(card::KeyAlgorithm::EcP256);
  auto wanted = keyTemplate({CKA_CLASS, CKA_KEY_TYPE, CKA_EC_PARAMS, CKA_EC_POINT});
  ASSERT_EQ(create(wanted), CKR_OK);
  EXPECT_EQ(attribute(session, made, CKA_PUBLIC_KEY_INFO),
            attribute(session, findOne(session, CKO_PUBLIC_KEY, 2), CKA_PUBLIC_KEY_INFO));
  parts[CKA_EC_POINT].back() ^= 1;  // no longer on the curve
  EXPECT_EQ(create(wanted), CKR_ATTRIBUTE_VALUE_INVALID);
  wanted.pop_back();
  EXPECT_EQ(create(wanted), CKR_TEMPLATE_INCOMPLETE);
}

}  // namespace
}  // namespace fncard::test
