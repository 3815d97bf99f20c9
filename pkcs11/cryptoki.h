// SPDX-License-Identifier: Apache-2.0
#pragma once

// The standard's declarations: p11-kit's header for 2.40, and of 3.0 and 3.2 only what it lacks.
// Everything declared here is exported; nothing else of the module is.
#pragma GCC visibility push(default)
#include <p11-kit/pkcs11.h>

// p11-kit has another number than pkcs11t.h of OASIS (2.40 and later)
#undef CKR_PIN_TOO_WEAK
inline constexpr CK_RV CKR_PIN_TOO_WEAK = 0x1B8;

#ifndef CKF_INTERFACE_FORK_SAFE

inline constexpr CK_FLAGS CKF_INTERFACE_FORK_SAFE = 1;
inline constexpr CK_FLAGS CKF_FIND_OBJECTS = 1UL << 6U;
inline constexpr CK_FLAGS CKF_ASYNC_SESSION = 8;  // 3.2
inline constexpr CK_RV CKR_OPERATION_CANCEL_FAILED = 0x202;
inline constexpr CK_RV CKR_SESSION_ASYNC_NOT_SUPPORTED = 0x205;  // 3.2
inline constexpr CK_OBJECT_CLASS CKO_PROFILE = 9;
inline constexpr CK_ATTRIBUTE_TYPE CKA_UNIQUE_ID = 4;
inline constexpr CK_ATTRIBUTE_TYPE CKA_PROFILE_ID = 0x601;
inline constexpr CK_ULONG CKP_BASELINE_PROVIDER = 1;
inline constexpr CK_ULONG CKP_AUTHENTICATION_TOKEN = 3;
inline constexpr CK_ULONG CKP_PUBLIC_CERTIFICATES_TOKEN = 4;

extern "C" {

// NOLINTBEGIN(readability-identifier-naming): the standard's names, PKCS #11 3.0 §3.7 and §5.4
struct CK_INTERFACE {
  CK_UTF8CHAR* pInterfaceName;
  void* pFunctionList;
  CK_FLAGS flags;
};
using CK_INTERFACE_PTR = CK_INTERFACE*;
using CK_INTERFACE_PTR_PTR = CK_INTERFACE**;

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount);
CK_RV C_GetInterface(CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion,
                     CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin,
                  CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen);
CK_RV C_SessionCancel(CK_SESSION_HANDLE hSession, CK_FLAGS flags);

// the message-based functions of 3.0
CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                           CK_OBJECT_HANDLE hKey);
CK_RV C_EncryptMessage(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                       CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                       CK_BYTE_PTR pPlaintext, CK_ULONG ulPlaintextLen, CK_BYTE_PTR pCiphertext,
                       CK_ULONG_PTR pulCiphertextLen);
CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                            CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen);
CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                           CK_BYTE_PTR pPlaintextPart, CK_ULONG ulPlaintextPartLen,
                           CK_BYTE_PTR pCiphertextPart, CK_ULONG_PTR pulCiphertextPartLen,
                           CK_FLAGS flags);
CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE hSession);
CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                           CK_OBJECT_HANDLE hKey);
CK_RV C_DecryptMessage(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                       CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                       CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen, CK_BYTE_PTR pPlaintext,
                       CK_ULONG_PTR pulPlaintextLen);
CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                            CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen);
CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                           CK_BYTE_PTR pCiphertextPart, CK_ULONG ulCiphertextPartLen,
                           CK_BYTE_PTR pPlaintextPart, CK_ULONG_PTR pulPlaintextPartLen,
                           CK_FLAGS flags);
CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE hSession);
CK_RV C_MessageSignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                        CK_OBJECT_HANDLE hKey);
CK_RV C_SignMessage(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                    CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                    CK_ULONG_PTR pulSignatureLen);
CK_RV C_SignMessageBegin(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen);
CK_RV C_SignMessageNext(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                        CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                        CK_ULONG_PTR pulSignatureLen);
CK_RV C_MessageSignFinal(CK_SESSION_HANDLE hSession);
CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                          CK_OBJECT_HANDLE hKey);
CK_RV C_VerifyMessage(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                      CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                      CK_ULONG ulSignatureLen);
CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen);
CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE hSession, void* pParameter, CK_ULONG ulParameterLen,
                          CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                          CK_ULONG ulSignatureLen);
CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE hSession);

struct CK_FUNCTION_LIST_3_0 {
  CK_FUNCTION_LIST base;
  decltype(&C_GetInterfaceList) GetInterfaceList;
  decltype(&C_GetInterface) GetInterface;
  decltype(&C_LoginUser) LoginUser;
  decltype(&C_SessionCancel) SessionCancel;
  decltype(&C_MessageEncryptInit) MessageEncryptInit;
  decltype(&C_EncryptMessage) EncryptMessage;
  decltype(&C_EncryptMessageBegin) EncryptMessageBegin;
  decltype(&C_EncryptMessageNext) EncryptMessageNext;
  decltype(&C_MessageEncryptFinal) MessageEncryptFinal;
  decltype(&C_MessageDecryptInit) MessageDecryptInit;
  decltype(&C_DecryptMessage) DecryptMessage;
  decltype(&C_DecryptMessageBegin) DecryptMessageBegin;
  decltype(&C_DecryptMessageNext) DecryptMessageNext;
  decltype(&C_MessageDecryptFinal) MessageDecryptFinal;
  decltype(&C_MessageSignInit) MessageSignInit;
  decltype(&C_SignMessage) SignMessage;
  decltype(&C_SignMessageBegin) SignMessageBegin;
  decltype(&C_SignMessageNext) SignMessageNext;
  decltype(&C_MessageSignFinal) MessageSignFinal;
  decltype(&C_MessageVerifyInit) MessageVerifyInit;
  decltype(&C_VerifyMessage) VerifyMessage;
  decltype(&C_VerifyMessageBegin) VerifyMessageBegin;
  decltype(&C_VerifyMessageNext) VerifyMessageNext;
  decltype(&C_MessageVerifyFinal) MessageVerifyFinal;
};

// PKCS #11 3.2, in the order of its function list
struct CK_ASYNC_DATA;  // of functions that go on in the background, which none here does
CK_RV C_EncapsulateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                       CK_OBJECT_HANDLE hPublicKey, CK_ATTRIBUTE_PTR pTemplate,
                       CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext,
                       CK_ULONG_PTR pulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey);
CK_RV C_DecapsulateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                       CK_OBJECT_HANDLE hPrivateKey, CK_ATTRIBUTE_PTR pTemplate,
                       CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen,
                       CK_OBJECT_HANDLE_PTR phKey);
CK_RV C_VerifySignatureInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                            CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen);
CK_RV C_VerifySignature(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen);
CK_RV C_VerifySignatureUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen);
CK_RV C_VerifySignatureFinal(CK_SESSION_HANDLE hSession);
CK_RV C_GetSessionValidationFlags(CK_SESSION_HANDLE hSession, CK_ULONG type, CK_FLAGS* pFlags);
CK_RV C_AsyncComplete(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName,
                      CK_ASYNC_DATA* pResult);
CK_RV C_AsyncGetID(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG_PTR pulID);
CK_RV C_AsyncJoin(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG ulID,
                  CK_BYTE_PTR pData, CK_ULONG ulData);
CK_RV C_WrapKeyAuthenticated(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                             CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey,
                             CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                             CK_BYTE_PTR pWrappedKey, CK_ULONG_PTR pulWrappedKeyLen);
CK_RV C_UnwrapKeyAuthenticated(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                               CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey,
                               CK_ULONG ulWrappedKeyLen, CK_ATTRIBUTE_PTR pTemplate,
                               CK_ULONG ulAttributeCount, CK_BYTE_PTR pAssociatedData,
                               CK_ULONG ulAssociatedDataLen, CK_OBJECT_HANDLE_PTR phKey);

struct CK_FUNCTION_LIST_3_2 {
  CK_FUNCTION_LIST_3_0 base;
  decltype(&C_EncapsulateKey) EncapsulateKey;
  decltype(&C_DecapsulateKey) DecapsulateKey;
  decltype(&C_VerifySignatureInit) VerifySignatureInit;
  decltype(&C_VerifySignature) VerifySignature;
  decltype(&C_VerifySignatureUpdate) VerifySignatureUpdate;
  decltype(&C_VerifySignatureFinal) VerifySignatureFinal;
  decltype(&C_GetSessionValidationFlags) GetSessionValidationFlags;
  decltype(&C_AsyncComplete) AsyncComplete;
  decltype(&C_AsyncGetID) AsyncGetID;
  decltype(&C_AsyncJoin) AsyncJoin;
  decltype(&C_WrapKeyAuthenticated) WrapKeyAuthenticated;
  decltype(&C_UnwrapKeyAuthenticated) UnwrapKeyAuthenticated;
};
// NOLINTEND(readability-identifier-naming)
}

#endif

#pragma GCC visibility pop
