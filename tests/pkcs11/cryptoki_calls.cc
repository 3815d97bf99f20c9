// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/cryptoki_calls.h"

#include "pkcs11/module.h"

namespace fncard::test {

void CryptokiCalls::SetUp() {
  CK_FUNCTION_LIST_PTR list = nullptr;
  ASSERT_EQ(C_GetFunctionList(&list), CKR_OK);
  p11 = list;
}

void CryptokiCalls::TearDown() {
  p11->C_Finalize(nullptr);
  pkcs11::module::setPlatform({});
}

CK_SESSION_HANDLE CryptokiCalls::open(CK_FLAGS flags) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  EXPECT_EQ(p11->C_OpenSession(0, CKF_SERIAL_SESSION | flags, nullptr, nullptr, &session), CKR_OK);
  return session;
}

CK_RV CryptokiCalls::login(CK_SESSION_HANDLE session, std::string_view pin, CK_USER_TYPE user) {
  std::string text(pin);
  return p11->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR_PTR>(text.data()), text.size());
}

std::vector<CK_OBJECT_HANDLE> CryptokiCalls::findAll(CK_SESSION_HANDLE session,
                                                     std::vector<CK_ATTRIBUTE> wanted) {
  std::vector<CK_OBJECT_HANDLE> found(32);
  CK_ULONG count = 0;
  EXPECT_EQ(p11->C_FindObjectsInit(session, wanted.data(), wanted.size()), CKR_OK);
  EXPECT_EQ(p11->C_FindObjects(session, found.data(), found.size(), &count), CKR_OK);
  EXPECT_EQ(p11->C_FindObjectsFinal(session), CKR_OK);
  found.resize(count);
  return found;
}

CK_OBJECT_HANDLE CryptokiCalls::findOne(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass,
                                        CK_BYTE id) {
  const auto found =
      findAll(session, {{CKA_CLASS, &objectClass, sizeof(objectClass)}, {CKA_ID, &id, sizeof(id)}});
  return found.size() == 1 ? found.front() : CK_INVALID_HANDLE;
}

Bytes CryptokiCalls::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                               CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  EXPECT_EQ(p11->C_GetAttributeValue(session, object, &wanted, 1), CKR_OK);
  Bytes value(wanted.ulValueLen);
  wanted.pValue = value.data();
  EXPECT_EQ(p11->C_GetAttributeValue(session, object, &wanted, 1), CKR_OK);
  return value;
}

CK_FLAGS CryptokiCalls::tokenFlags() {
  CK_TOKEN_INFO info;
  EXPECT_EQ(p11->C_GetTokenInfo(0, &info), CKR_OK);
  return info.flags;
}

CK_STATE CryptokiCalls::state(CK_SESSION_HANDLE session) {
  CK_SESSION_INFO info;
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_OK);
  return info.state;
}

}  // namespace fncard::test
