// SPDX-License-Identifier: Apache-2.0
// What every function answers to arguments that are wrong and calls that come at the wrong time.
#include <functional>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using F = const CK_FUNCTION_LIST&;
struct Call {
  const char* name;
  std::function<CK_RV(F, CK_SESSION_HANDLE)> call;
};

CK_BYTE buffer[8];
CK_ULONG length = sizeof(buffer);
CK_MECHANISM anyMechanism{CKM_SHA256, nullptr, 0};
CK_OBJECT_HANDLE handle = 0;

/// Every function of a session, with arguments that are not NULL.
std::vector<Call> sessionCalls() {
  return {
      {"C_InitPIN", [](F p, auto s) { return p.C_InitPIN(s, buffer, 8); }},
      {"C_SetPIN", [](F p, auto s) { return p.C_SetPIN(s, buffer, 8, buffer, 8); }},
      {"C_CloseSession", [](F p, auto s) { return p.C_CloseSession(s); }},
      {"C_GetSessionInfo",
       [](F p, auto s) {
         CK_SESSION_INFO info;
         return p.C_GetSessionInfo(s, &info);
       }},
      {"C_GetOperationState",
       [](F p, auto s) { return p.C_GetOperationState(s, buffer, &length); }},
      {"C_SetOperationState",
       [](F p, auto s) { return p.C_SetOperationState(s, buffer, 8, 0, 0); }},
      {"C_Login", [](F p, auto s) { return p.C_Login(s, CKU_USER, buffer, 8); }},
      {"C_Logout", [](F p, auto s) { return p.C_Logout(s); }},
      {"C_CreateObject", [](F p, auto s) { return p.C_CreateObject(s, nullptr, 0, &handle); }},
      {"C_CopyObject", [](F p, auto s) { return p.C_CopyObject(s, 1, nullptr, 0, &handle); }},
      {"C_DestroyObject", [](F p, auto s) { return p.C_DestroyObject(s, 1); }},
      {"C_GetObjectSize", [](F p, auto s) { return p.C_GetObjectSize(s, 1, &length); }},
      {"C_GetAttributeValue", [](F p, auto s) { return p.C_GetAttributeValue(s, 1, nullptr, 0); }},
      {"C_SetAttributeValue", [](F p, auto s) { return p.C_SetAttributeValue(s, 1, nullptr, 0); }},
      {"C_FindObjectsInit", [](F p, auto s) { return p.C_FindObjectsInit(s, nullptr, 0); }},
      {"C_FindObjects", [](F p, auto s) { return p.C_FindObjects(s, &handle, 1, &length); }},
      {"C_FindObjectsFinal", [](F p, auto s) { return p.C_FindObjectsFinal(s); }},
      {"C_EncryptInit", [](F p, auto s) { return p.C_EncryptInit(s, &anyMechanism, 1); }},
      {"C_Encrypt", [](F p, auto s) { return p.C_Encrypt(s, buffer, 8, buffer, &length); }},
      {"C_EncryptUpdate",
       [](F p, auto s) { return p.C_EncryptUpdate(s, buffer, 8, buffer, &length); }},
      {"C_EncryptFinal", [](F p, auto s) { return p.C_EncryptFinal(s, buffer, &length); }},
      {"C_DecryptInit", [](F p, auto s) { return p.C_DecryptInit(s, &anyMechanism, 1); }},
      {"C_Decrypt", [](F p, auto s) { return p.C_Decrypt(s, buffer, 8, buffer, &length); }},
      {"C_DecryptUpdate",
       [](F p, auto s) { return p.C_DecryptUpdate(s, buffer, 8, buffer, &length); }},
      {"C_DecryptFinal", [](F p, auto s) { return p.C_DecryptFinal(s, buffer, &length); }},
      {"C_DigestInit", [](F p, auto s) { return p.C_DigestInit(s, &anyMechanism); }},
      {"C_Digest", [](F p, auto s) { return p.C_Digest(s, buffer, 8, buffer, &length); }},
      {"C_DigestUpdate", [](F p, auto s) { return p.C_DigestUpdate(s, buffer, 8); }},
      {"C_DigestKey", [](F p, auto s) { return p.C_DigestKey(s, 1); }},
      {"C_DigestFinal", [](F p, auto s) { return p.C_DigestFinal(s, buffer, &length); }},
      {"C_SignInit", [](F p, auto s) { return p.C_SignInit(s, &anyMechanism, 1); }},
      {"C_Sign", [](F p, auto s) { return p.C_Sign(s, buffer, 8, buffer, &length); }},
      {"C_SignUpdate", [](F p, auto s) { return p.C_SignUpdate(s, buffer, 8); }},
      {"C_SignFinal", [](F p, auto s) { return p.C_SignFinal(s, buffer, &length); }},
      {"C_SignRecoverInit", [](F p, auto s) { return p.C_SignRecoverInit(s, &anyMechanism, 1); }},
      {"C_SignRecover", [](F p, auto s) { return p.C_SignRecover(s, buffer, 8, buffer, &length); }},
      {"C_VerifyInit", [](F p, auto s) { return p.C_VerifyInit(s, &anyMechanism, 1); }},
      {"C_Verify", [](F p, auto s) { return p.C_Verify(s, buffer, 8, buffer, 8); }},
      {"C_VerifyUpdate", [](F p, auto s) { return p.C_VerifyUpdate(s, buffer, 8); }},
      {"C_VerifyFinal", [](F p, auto s) { return p.C_VerifyFinal(s, buffer, 8); }},
      {"C_VerifyRecoverInit",
       [](F p, auto s) { return p.C_VerifyRecoverInit(s, &anyMechanism, 1); }},
      {"C_VerifyRecover",
       [](F p, auto s) { return p.C_VerifyRecover(s, buffer, 8, buffer, &length); }},
      {"C_DigestEncryptUpdate",
       [](F p, auto s) { return p.C_DigestEncryptUpdate(s, buffer, 8, buffer, &length); }},
      {"C_DecryptDigestUpdate",
       [](F p, auto s) { return p.C_DecryptDigestUpdate(s, buffer, 8, buffer, &length); }},
      {"C_SignEncryptUpdate",
       [](F p, auto s) { return p.C_SignEncryptUpdate(s, buffer, 8, buffer, &length); }},
      {"C_DecryptVerifyUpdate",
       [](F p, auto s) { return p.C_DecryptVerifyUpdate(s, buffer, 8, buffer, &length); }},
      {"C_GenerateKey",
       [](F p, auto s) { return p.C_GenerateKey(s, &anyMechanism, nullptr, 0, &handle); }},
      {"C_GenerateKeyPair",
       [](F p, auto s) {
         return p.C_GenerateKeyPair(s, &anyMechanism, nullptr, 0, nullptr, 0, &handle, &handle);
       }},
      {"C_WrapKey",
       [](F p, auto s) { return p.C_WrapKey(s, &anyMechanism, 1, 1, buffer, &length); }},
      {"C_UnwrapKey",
       [](F p, auto s) {
         return p.C_UnwrapKey(s, &anyMechanism, 1, buffer, 8, nullptr, 0, &handle);
       }},
      {"C_DeriveKey",
       [](F p, auto s) { return p.C_DeriveKey(s, &anyMechanism, 1, nullptr, 0, &handle); }},
      {"C_SeedRandom", [](F p, auto s) { return p.C_SeedRandom(s, buffer, 8); }},
      {"C_GenerateRandom", [](F p, auto s) { return p.C_GenerateRandom(s, buffer, 8); }},
      {"C_GetFunctionStatus", [](F p, auto s) { return p.C_GetFunctionStatus(s); }},
      {"C_CancelFunction", [](F p, auto s) { return p.C_CancelFunction(s); }},
  };
}

/// Every function of a slot, given as the session handle.
std::vector<Call> slotCalls() {
  return {
      {"C_GetSlotInfo",
       [](F p, auto s) {
         CK_SLOT_INFO info;
         return p.C_GetSlotInfo(s, &info);
       }},
      {"C_GetTokenInfo",
       [](F p, auto s) {
         CK_TOKEN_INFO info;
         return p.C_GetTokenInfo(s, &info);
       }},
      {"C_GetMechanismList", [](F p, auto s) { return p.C_GetMechanismList(s, nullptr, &length); }},
      {"C_GetMechanismInfo",
       [](F p, auto s) {
         CK_MECHANISM_INFO info;
         return p.C_GetMechanismInfo(s, CKM_SHA256, &info);
       }},
      {"C_InitToken", [](F p, auto s) { return p.C_InitToken(s, buffer, 8, buffer); }},
      {"C_OpenSession",
       [](F p, auto s) {
         return p.C_OpenSession(s, CKF_SERIAL_SESSION, nullptr, nullptr, &handle);
       }},
      {"C_CloseAllSessions", [](F p, auto s) { return p.C_CloseAllSessions(s); }},
  };
}

class ReturnCodes : public ModuleTest {};

TEST_F(ReturnCodes, beforeInitializeEveryFunctionSaysSo) {
  for (const auto& calls : {sessionCalls(), slotCalls()}) {
    for (const Call& each : calls) {
      EXPECT_EQ(each.call(*p11, 1), CKR_CRYPTOKI_NOT_INITIALIZED) << each.name;
    }
  }
  CK_INFO info;
  CK_SLOT_ID slot = 0;
  EXPECT_EQ(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(p11->C_GetSlotList(CK_FALSE, nullptr, &length), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_F(ReturnCodes, unknownSessionIsTold) {
  start();
  for (const Call& each : sessionCalls()) {
    EXPECT_EQ(each.call(*p11, 4711), CKR_SESSION_HANDLE_INVALID) << each.name;
    EXPECT_EQ(each.call(*p11, 0), CKR_SESSION_HANDLE_INVALID) << each.name;
    EXPECT_EQ(each.call(*p11, CK_UNAVAILABLE_INFORMATION), CKR_SESSION_HANDLE_INVALID) << each.name;
  }
}

TEST_F(ReturnCodes, unknownSlotIsTold) {
  start();
  for (const Call& each : slotCalls()) {
    EXPECT_EQ(each.call(*p11, 1), CKR_SLOT_ID_INVALID) << each.name;
    EXPECT_EQ(each.call(*p11, CK_UNAVAILABLE_INFORMATION), CKR_SLOT_ID_INVALID) << each.name;
  }
}

TEST_F(ReturnCodes, aClosedSessionStaysDead) {
  start();
  const auto session = open();
  ASSERT_EQ(p11->C_CloseSession(session), CKR_OK);
  for (const Call& each : sessionCalls()) {
    EXPECT_EQ(each.call(*p11, session), CKR_SESSION_HANDLE_INVALID) << each.name;
  }
}

TEST_F(ReturnCodes, functionsWithoutUseHereAreNotSupported) {
  start();
  const auto s = open();
  EXPECT_EQ(p11->C_InitToken(0, buffer, 8, buffer), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_InitPIN(s, buffer, 8), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_GetOperationState(s, nullptr, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_SetOperationState(s, nullptr, 0, 0, 0), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_SignRecoverInit(s, nullptr, 0), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_SignRecover(s, nullptr, 0, nullptr, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_VerifyRecoverInit(s, nullptr, 0), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_VerifyRecover(s, nullptr, 0, nullptr, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_DigestEncryptUpdate(s, nullptr, 0, nullptr, nullptr),
            CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_DecryptDigestUpdate(s, nullptr, 0, nullptr, nullptr),
            CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_SignEncryptUpdate(s, nullptr, 0, nullptr, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_DecryptVerifyUpdate(s, nullptr, 0, nullptr, nullptr),
            CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_GenerateKey(s, nullptr, nullptr, 0, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_GenerateKeyPair(s, nullptr, nullptr, 0, nullptr, 0, nullptr, nullptr),
            CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_WrapKey(s, nullptr, 0, 0, nullptr, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_UnwrapKey(s, nullptr, 0, nullptr, 0, nullptr, 0, nullptr),
            CKR_FUNCTION_NOT_SUPPORTED);
  EXPECT_EQ(p11->C_GetFunctionStatus(s), CKR_FUNCTION_NOT_PARALLEL);
  EXPECT_EQ(p11->C_CancelFunction(s), CKR_FUNCTION_NOT_PARALLEL);
  EXPECT_EQ(p11->C_SeedRandom(s, buffer, 8), CKR_RANDOM_SEED_NOT_SUPPORTED);
}

TEST_F(ReturnCodes, nullPointersAreBadArguments) {
  start();
  const auto s = open(CKF_RW_SESSION);
  const auto object = findOne(s, CKO_CERTIFICATE, kSignatureId);
  CK_ATTRIBUTE nameless{CKA_LABEL, nullptr, 5};
  CK_SLOT_ID slot = 0;
  EXPECT_EQ(C_GetFunctionList(nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(C_GetInterfaceList(nullptr, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(C_GetInterface(nullptr, nullptr, nullptr, 0), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_Finalize(&slot), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetInfo(nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetSlotInfo(0, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetTokenInfo(0, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetMechanismList(0, nullptr, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetMechanismInfo(0, CKM_SHA256, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, nullptr, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, nullptr),
            CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetSessionInfo(s, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_Login(s, CKU_USER, nullptr, 6), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_Login(s, CKU_USER, nullptr, 0), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SetPIN(s, nullptr, 6, buffer, 6), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SetPIN(s, buffer, 6, nullptr, 6), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetObjectSize(s, object, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GetAttributeValue(s, object, nullptr, 1), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SetAttributeValue(s, object, nullptr, 1), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_CopyObject(s, object, nullptr, 0, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_FindObjectsInit(s, nullptr, 1), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_FindObjectsInit(s, &nameless, 1), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_FindObjects(s, nullptr, 1, &length), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_FindObjects(s, &handle, 1, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_DigestInit(s, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SignInit(s, nullptr, object), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_VerifyInit(s, nullptr, object), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_EncryptInit(s, nullptr, object), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_DecryptInit(s, nullptr, object), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_DeriveKey(s, nullptr, object, nullptr, 0, &handle), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_DeriveKey(s, &anyMechanism, object, nullptr, 0, nullptr), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_GenerateRandom(s, nullptr, 8), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SeedRandom(s, nullptr, 8), CKR_ARGUMENTS_BAD);
}

TEST_F(ReturnCodes, callsWithoutTheirInitAreTold) {
  start();
  const auto s = open();
  for (const Call& each : sessionCalls()) {
    const std::string_view name = each.name;
    if (name == "C_FindObjects" || name == "C_FindObjectsFinal" || name == "C_Encrypt" ||
        name == "C_EncryptUpdate" || name == "C_EncryptFinal" || name == "C_Decrypt" ||
        name == "C_DecryptUpdate" || name == "C_DecryptFinal" || name == "C_Digest" ||
        name == "C_DigestUpdate" || name == "C_DigestKey" || name == "C_DigestFinal" ||
        name == "C_Sign" || name == "C_SignUpdate" || name == "C_SignFinal" || name == "C_Verify" ||
        name == "C_VerifyUpdate" || name == "C_VerifyFinal") {
      EXPECT_EQ(each.call(*p11, s), CKR_OPERATION_NOT_INITIALIZED) << name;
    }
  }
}

TEST_F(ReturnCodes, initializeChecksItsArguments) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.pReserved = &arguments;
  EXPECT_EQ(p11->C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
  arguments = {};
  arguments.CreateMutex = [](void**) -> CK_RV { return CKR_OK; };
  EXPECT_EQ(p11->C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
  arguments = {};
  arguments.flags = CKF_OS_LOCKING_OK;
  EXPECT_EQ(p11->C_Initialize(&arguments), CKR_OK);
  EXPECT_EQ(p11->C_Initialize(&arguments), CKR_CRYPTOKI_ALREADY_INITIALIZED);
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  EXPECT_EQ(p11->C_Initialize(nullptr), CKR_OK);
}

TEST_F(ReturnCodes, sessionsAreSerial) {
  start();
  EXPECT_EQ(p11->C_OpenSession(0, CKF_RW_SESSION, nullptr, nullptr, &handle),
            CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  EXPECT_EQ(
      p11->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, nullptr, nullptr, &handle),
      CKR_SESSION_ASYNC_NOT_SUPPORTED);
}

TEST_F(ReturnCodes, interfacesOfEveryVersionAreFound) {
  CK_ULONG count = 0;
  ASSERT_EQ(C_GetInterfaceList(nullptr, &count), CKR_OK);
  ASSERT_EQ(count, 3U);
  std::vector<CK_INTERFACE> all(count);
  count = 1;
  EXPECT_EQ(C_GetInterfaceList(all.data(), &count), CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(C_GetInterfaceList(all.data(), &count), CKR_OK);
  CK_INTERFACE_PTR found = nullptr;
  ASSERT_EQ(C_GetInterface(nullptr, nullptr, &found, 0), CKR_OK);
  const auto* list = static_cast<const CK_FUNCTION_LIST_3_2*>(found->pFunctionList);
  EXPECT_EQ(list->base.base.version.minor, 2);
  EXPECT_EQ(list->UnwrapKeyAuthenticated, C_UnwrapKeyAuthenticated);
  EXPECT_EQ(list->base.MessageVerifyFinal(1), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(list->base.SessionCancel(1, CKF_SIGN), CKR_CRYPTOKI_NOT_INITIALIZED);
  CK_VERSION version{3, 0};
  ASSERT_EQ(C_GetInterface(nullptr, &version, &found, 0), CKR_OK);
  EXPECT_EQ(static_cast<const CK_FUNCTION_LIST_3_0*>(found->pFunctionList)->base.version.minor, 0);
  version = {2, 40};
  ASSERT_EQ(C_GetInterface(nullptr, &version, &found, 0), CKR_OK);
  EXPECT_EQ(static_cast<const CK_FUNCTION_LIST*>(found->pFunctionList), p11);
  EXPECT_EQ(C_GetInterface(nullptr, nullptr, &found, CKF_INTERFACE_FORK_SAFE), CKR_ARGUMENTS_BAD)
      << "a child has nothing of its parent's";
  version = {4, 0};
  EXPECT_EQ(C_GetInterface(nullptr, &version, &found, 0), CKR_ARGUMENTS_BAD);
}

}  // namespace
}  // namespace fncard::test
