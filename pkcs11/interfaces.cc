// SPDX-License-Identifier: Apache-2.0
// The tables by which an application finds the functions: C_GetFunctionList of 2.40, and the
// interfaces of 3.0 and 3.2.
#include <array>
#include <cstring>
#include <string_view>

#include "pkcs11/boundary.h"
#include "pkcs11/functions.h"
#include "pkcs11/output.h"

// NOLINTBEGIN(readability-identifier-naming): the standard's names

namespace fncard::pkcs11 {

namespace {

constexpr CK_VERSION kVersion30{3, 0};
constexpr CK_VERSION kVersion32{3, 2};

// C_GetInfo tells the version of the interface that it was called through (PKCS #11 3.0 §5.4.3)
CK_RV getInfo30(CK_INFO_PTR info) {
  return answer("C_GetInfo", [&] { return getInfo(info, kVersion30); });
}
CK_RV getInfo32(CK_INFO_PTR info) {
  return answer("C_GetInfo", [&] { return getInfo(info, kVersion32); });
}

// 2.40 has no code of its own for a weak PIN
CK_RV setPin3(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR oldPin, CK_ULONG oldSize,
              CK_UTF8CHAR_PTR newPin, CK_ULONG newSize) {
  return answer("C_SetPIN", [&] {
    return setPin(session, oldPin, oldSize, newPin, newSize, CKR_PIN_TOO_WEAK);
  });
}

constexpr CK_FUNCTION_LIST functionList(CK_VERSION version, CK_C_GetInfo information,
                                        CK_C_SetPIN pinSetting) {
  return {
      .version = version,
      .C_Initialize = C_Initialize,
      .C_Finalize = C_Finalize,
      .C_GetInfo = information,
      .C_GetFunctionList = C_GetFunctionList,
      .C_GetSlotList = C_GetSlotList,
      .C_GetSlotInfo = C_GetSlotInfo,
      .C_GetTokenInfo = C_GetTokenInfo,
      .C_GetMechanismList = C_GetMechanismList,
      .C_GetMechanismInfo = C_GetMechanismInfo,
      .C_InitToken = C_InitToken,
      .C_InitPIN = C_InitPIN,
      .C_SetPIN = pinSetting,
      .C_OpenSession = C_OpenSession,
      .C_CloseSession = C_CloseSession,
      .C_CloseAllSessions = C_CloseAllSessions,
      .C_GetSessionInfo = C_GetSessionInfo,
      .C_GetOperationState = C_GetOperationState,
      .C_SetOperationState = C_SetOperationState,
      .C_Login = C_Login,
      .C_Logout = C_Logout,
      .C_CreateObject = C_CreateObject,
      .C_CopyObject = C_CopyObject,
      .C_DestroyObject = C_DestroyObject,
      .C_GetObjectSize = C_GetObjectSize,
      .C_GetAttributeValue = C_GetAttributeValue,
      .C_SetAttributeValue = C_SetAttributeValue,
      .C_FindObjectsInit = C_FindObjectsInit,
      .C_FindObjects = C_FindObjects,
      .C_FindObjectsFinal = C_FindObjectsFinal,
      .C_EncryptInit = C_EncryptInit,
      .C_Encrypt = C_Encrypt,
      .C_EncryptUpdate = C_EncryptUpdate,
      .C_EncryptFinal = C_EncryptFinal,
      .C_DecryptInit = C_DecryptInit,
      .C_Decrypt = C_Decrypt,
      .C_DecryptUpdate = C_DecryptUpdate,
      .C_DecryptFinal = C_DecryptFinal,
      .C_DigestInit = C_DigestInit,
      .C_Digest = C_Digest,
      .C_DigestUpdate = C_DigestUpdate,
      .C_DigestKey = C_DigestKey,
      .C_DigestFinal = C_DigestFinal,
      .C_SignInit = C_SignInit,
      .C_Sign = C_Sign,
      .C_SignUpdate = C_SignUpdate,
      .C_SignFinal = C_SignFinal,
      .C_SignRecoverInit = C_SignRecoverInit,
      .C_SignRecover = C_SignRecover,
      .C_VerifyInit = C_VerifyInit,
      .C_Verify = C_Verify,
      .C_VerifyUpdate = C_VerifyUpdate,
      .C_VerifyFinal = C_VerifyFinal,
      .C_VerifyRecoverInit = C_VerifyRecoverInit,
      .C_VerifyRecover = C_VerifyRecover,
      .C_DigestEncryptUpdate = C_DigestEncryptUpdate,
      .C_DecryptDigestUpdate = C_DecryptDigestUpdate,
      .C_SignEncryptUpdate = C_SignEncryptUpdate,
      .C_DecryptVerifyUpdate = C_DecryptVerifyUpdate,
      .C_GenerateKey = C_GenerateKey,
      .C_GenerateKeyPair = C_GenerateKeyPair,
      .C_WrapKey = C_WrapKey,
      .C_UnwrapKey = C_UnwrapKey,
      .C_DeriveKey = C_DeriveKey,
      .C_SeedRandom = C_SeedRandom,
      .C_GenerateRandom = C_GenerateRandom,
      .C_GetFunctionStatus = C_GetFunctionStatus,
      .C_CancelFunction = C_CancelFunction,
      .C_WaitForSlotEvent = C_WaitForSlotEvent,
  };
}

// applications get pointers to these that are not const; nothing here writes to them
CK_FUNCTION_LIST functions240 = functionList(kVersion240, C_GetInfo, C_SetPIN);

constexpr CK_FUNCTION_LIST_3_0 functionList30(CK_VERSION version, CK_C_GetInfo information) {
  return {
      .base = functionList(version, information, setPin3),
      .GetInterfaceList = C_GetInterfaceList,
      .GetInterface = C_GetInterface,
      .LoginUser = C_LoginUser,
      .SessionCancel = C_SessionCancel,
      .MessageEncryptInit = C_MessageEncryptInit,
      .EncryptMessage = C_EncryptMessage,
      .EncryptMessageBegin = C_EncryptMessageBegin,
      .EncryptMessageNext = C_EncryptMessageNext,
      .MessageEncryptFinal = C_MessageEncryptFinal,
      .MessageDecryptInit = C_MessageDecryptInit,
      .DecryptMessage = C_DecryptMessage,
      .DecryptMessageBegin = C_DecryptMessageBegin,
      .DecryptMessageNext = C_DecryptMessageNext,
      .MessageDecryptFinal = C_MessageDecryptFinal,
      .MessageSignInit = C_MessageSignInit,
      .SignMessage = C_SignMessage,
      .SignMessageBegin = C_SignMessageBegin,
      .SignMessageNext = C_SignMessageNext,
      .MessageSignFinal = C_MessageSignFinal,
      .MessageVerifyInit = C_MessageVerifyInit,
      .VerifyMessage = C_VerifyMessage,
      .VerifyMessageBegin = C_VerifyMessageBegin,
      .VerifyMessageNext = C_VerifyMessageNext,
      .MessageVerifyFinal = C_MessageVerifyFinal,
  };
}

CK_FUNCTION_LIST_3_0 functions30 = functionList30(kVersion30, getInfo30);

CK_FUNCTION_LIST_3_2 functions32 = {
    .base = functionList30(kVersion32, getInfo32),
    .EncapsulateKey = C_EncapsulateKey,
    .DecapsulateKey = C_DecapsulateKey,
    .VerifySignatureInit = C_VerifySignatureInit,
    .VerifySignature = C_VerifySignature,
    .VerifySignatureUpdate = C_VerifySignatureUpdate,
    .VerifySignatureFinal = C_VerifySignatureFinal,
    .GetSessionValidationFlags = C_GetSessionValidationFlags,
    .AsyncComplete = C_AsyncComplete,
    .AsyncGetID = C_AsyncGetID,
    .AsyncJoin = C_AsyncJoin,
    .WrapKeyAuthenticated = C_WrapKeyAuthenticated,
    .UnwrapKeyAuthenticated = C_UnwrapKeyAuthenticated,
};

CK_UTF8CHAR interfaceName[] = "PKCS 11";

/// The newest first: it is the default. Not CKF_INTERFACE_FORK_SAFE, by which a child would have
/// the sessions and the login of its parent (PKCS #11 3.0 §3.7): it starts anew here.
std::array interfaces{
    CK_INTERFACE{interfaceName, &functions32, 0},
    CK_INTERFACE{interfaceName, &functions30, 0},
    CK_INTERFACE{interfaceName, &functions240, 0},
};

Status getFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (list == nullptr) {
    return nullArgument("list");
  }
  *list = &functions240;
  return {};
}

Status getInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count) {
  if (count == nullptr) {
    return nullArgument("count");
  }
  return giveList(interfaces, list, count);
}

Status getInterface(const CK_UTF8CHAR* name, const CK_VERSION* version, CK_INTERFACE_PTR_PTR found,
                    CK_FLAGS flags) {
  if (found == nullptr) {
    return nullArgument("interface");
  }
  for (CK_INTERFACE& each : interfaces) {
    // every table begins with its version
    CK_VERSION offered;
    std::memcpy(&offered, each.pFunctionList, sizeof(offered));
    const bool named =
        name == nullptr || std::strcmp(reinterpret_cast<const char*>(name),
                                       reinterpret_cast<const char*>(each.pInterfaceName)) == 0;
    const bool versioned =
        version == nullptr || (version->major == offered.major && version->minor == offered.minor);
    if (named && versioned && (each.flags & flags) == flags) {
      *found = &each;
      return {};
    }
  }
  return badArgument("no such interface");
}

}  // namespace

}  // namespace fncard::pkcs11

using namespace fncard::pkcs11;  // NOLINT(google-build-using-namespace)

extern "C" {

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  return answer("C_GetFunctionList", [&] { return getFunctionList(list); });
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count) {
  return answer("C_GetInterfaceList", [&] { return getInterfaceList(list, count); });
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR found,
                     CK_FLAGS flags) {
  return answer("C_GetInterface", [&] { return getInterface(name, version, found, flags); });
}
}

// NOLINTEND(readability-identifier-naming)
