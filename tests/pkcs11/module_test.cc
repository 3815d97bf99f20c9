// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/module_test.h"

namespace fncard::test {

void ModuleTest::SetUp() {
  CK_FUNCTION_LIST_PTR list = nullptr;
  ASSERT_EQ(C_GetFunctionList(&list), CKR_OK);
  p11 = list;
  pkcs11::module::setPlatform([this] { return pc.platform(); });
}

void ModuleTest::TearDown() {
  p11->C_Finalize(nullptr);
  pkcs11::module::setPlatform({});
}

void ModuleTest::start(card::KeyAlgorithm algorithm) {
  cardState = makeFakeCard(algorithm);
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
}

CK_SESSION_HANDLE ModuleTest::open(CK_FLAGS flags) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  EXPECT_EQ(p11->C_OpenSession(0, CKF_SERIAL_SESSION | flags, nullptr, nullptr, &session), CKR_OK);
  return session;
}

CK_RV ModuleTest::login(CK_SESSION_HANDLE session, std::string_view pin, CK_USER_TYPE user) {
  std::string text(pin);
  return p11->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR_PTR>(text.data()), text.size());
}

std::vector<CK_OBJECT_HANDLE> ModuleTest::findAll(CK_SESSION_HANDLE session,
                                                  std::vector<CK_ATTRIBUTE> wanted) {
  std::vector<CK_OBJECT_HANDLE> found(32);
  CK_ULONG count = 0;
  EXPECT_EQ(p11->C_FindObjectsInit(session, wanted.data(), wanted.size()), CKR_OK);
  EXPECT_EQ(p11->C_FindObjects(session, found.data(), found.size(), &count), CKR_OK);
  EXPECT_EQ(p11->C_FindObjectsFinal(session), CKR_OK);
  found.resize(count);
  return found;
}

CK_OBJECT_HANDLE ModuleTest::findOne(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass,
                                     CK_BYTE id) {
  const auto found =
      findAll(session, {{CKA_CLASS, &objectClass, sizeof(objectClass)}, {CKA_ID, &id, sizeof(id)}});
  return found.size() == 1 ? found.front() : CK_INVALID_HANDLE;
}

Bytes ModuleTest::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                            CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  EXPECT_EQ(p11->C_GetAttributeValue(session, object, &wanted, 1), CKR_OK);
  Bytes value(wanted.ulValueLen);
  wanted.pValue = value.data();
  EXPECT_EQ(p11->C_GetAttributeValue(session, object, &wanted, 1), CKR_OK);
  return value;
}

}  // namespace fncard::test
