// SPDX-License-Identifier: Apache-2.0
#pragma once

// The standard's declarations: p11-kit's header for 2.40, and of 3.0 only what it lacks. Everything
// declared here is exported; nothing else of the module is.
#pragma GCC visibility push(default)
#include <p11-kit/pkcs11.h>

#ifndef CKF_INTERFACE_FORK_SAFE

inline constexpr CK_FLAGS CKF_INTERFACE_FORK_SAFE = 1;
inline constexpr CK_RV CKR_OPERATION_CANCEL_FAILED = 0x202;

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

/// The functions of 3.0 after those of 2.40. The message-based ones have one type here: none of
/// them is supported, and each answers without looking at its arguments.
using CK_MESSAGE_FUNCTION = CK_RV (*)();
struct CK_FUNCTION_LIST_3_0 {
  CK_FUNCTION_LIST base;
  decltype(&C_GetInterfaceList) GetInterfaceList;
  decltype(&C_GetInterface) GetInterface;
  decltype(&C_LoginUser) LoginUser;
  decltype(&C_SessionCancel) SessionCancel;
  CK_MESSAGE_FUNCTION message[20];
};
// NOLINTEND(readability-identifier-naming)
}

#endif

#pragma GCC visibility pop
