// SPDX-License-Identifier: Apache-2.0
// The C boundary of what 3.0 and 3.2 add. A card has no message-based cryptography, key
// encapsulation or authenticated wrapping, and no function goes on in the background: those tell a
// wrong session first, and then that they are not supported.
#include "pkcs11/boundary.h"
#include "pkcs11/functions.h"

// NOLINTBEGIN(readability-identifier-naming): the standard's names

using namespace fncard::pkcs11;  // NOLINT(google-build-using-namespace): twins, one a line

extern "C" {

CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                  CK_ULONG pinLen, CK_UTF8CHAR_PTR username, CK_ULONG usernameLen) {
  return answer("C_LoginUser",
                [&] { return loginUser(session, user, pin, pinLen, username, usernameLen); });
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags) {
  return answer("C_SessionCancel", [&] { return sessionCancel(session, flags); });
}

CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                           CK_OBJECT_HANDLE /*hKey*/) {
  return answer("C_MessageEncryptInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_EncryptMessage(CK_SESSION_HANDLE session, void* /*pParameter*/, CK_ULONG /*ulParameterLen*/,
                       CK_BYTE_PTR /*pAssociatedData*/, CK_ULONG /*ulAssociatedDataLen*/,
                       CK_BYTE_PTR /*pPlaintext*/, CK_ULONG /*ulPlaintextLen*/,
                       CK_BYTE_PTR /*pCiphertext*/, CK_ULONG_PTR /*pulCiphertextLen*/) {
  return answer("C_EncryptMessage", [&] { return unsupportedOfSession(session); });
}

CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE session, void* /*pParameter*/,
                            CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pAssociatedData*/,
                            CK_ULONG /*ulAssociatedDataLen*/) {
  return answer("C_EncryptMessageBegin", [&] { return unsupportedOfSession(session); });
}

CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE session, void* /*pParameter*/,
                           CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pPlaintextPart*/,
                           CK_ULONG /*ulPlaintextPartLen*/, CK_BYTE_PTR /*pCiphertextPart*/,
                           CK_ULONG_PTR /*pulCiphertextPartLen*/, CK_FLAGS /*flags*/) {
  return answer("C_EncryptMessageNext", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE session) {
  return answer("C_MessageEncryptFinal", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                           CK_OBJECT_HANDLE /*hKey*/) {
  return answer("C_MessageDecryptInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecryptMessage(CK_SESSION_HANDLE session, void* /*pParameter*/, CK_ULONG /*ulParameterLen*/,
                       CK_BYTE_PTR /*pAssociatedData*/, CK_ULONG /*ulAssociatedDataLen*/,
                       CK_BYTE_PTR /*pCiphertext*/, CK_ULONG /*ulCiphertextLen*/,
                       CK_BYTE_PTR /*pPlaintext*/, CK_ULONG_PTR /*pulPlaintextLen*/) {
  return answer("C_DecryptMessage", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE session, void* /*pParameter*/,
                            CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pAssociatedData*/,
                            CK_ULONG /*ulAssociatedDataLen*/) {
  return answer("C_DecryptMessageBegin", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE session, void* /*pParameter*/,
                           CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pCiphertextPart*/,
                           CK_ULONG /*ulCiphertextPartLen*/, CK_BYTE_PTR /*pPlaintextPart*/,
                           CK_ULONG_PTR /*pulPlaintextPartLen*/, CK_FLAGS /*flags*/) {
  return answer("C_DecryptMessageNext", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE session) {
  return answer("C_MessageDecryptFinal", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                        CK_OBJECT_HANDLE /*hKey*/) {
  return answer("C_MessageSignInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SignMessage(CK_SESSION_HANDLE session, void* /*pParameter*/, CK_ULONG /*ulParameterLen*/,
                    CK_BYTE_PTR /*pData*/, CK_ULONG /*ulDataLen*/, CK_BYTE_PTR /*pSignature*/,
                    CK_ULONG_PTR /*pulSignatureLen*/) {
  return answer("C_SignMessage", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SignMessageBegin(CK_SESSION_HANDLE session, void* /*pParameter*/,
                         CK_ULONG /*ulParameterLen*/) {
  return answer("C_SignMessageBegin", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SignMessageNext(CK_SESSION_HANDLE session, void* /*pParameter*/,
                        CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pData*/, CK_ULONG /*ulDataLen*/,
                        CK_BYTE_PTR /*pSignature*/, CK_ULONG_PTR /*pulSignatureLen*/) {
  return answer("C_SignMessageNext", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageSignFinal(CK_SESSION_HANDLE session) {
  return answer("C_MessageSignFinal", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                          CK_OBJECT_HANDLE /*hKey*/) {
  return answer("C_MessageVerifyInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifyMessage(CK_SESSION_HANDLE session, void* /*pParameter*/, CK_ULONG /*ulParameterLen*/,
                      CK_BYTE_PTR /*pData*/, CK_ULONG /*ulDataLen*/, CK_BYTE_PTR /*pSignature*/,
                      CK_ULONG /*ulSignatureLen*/) {
  return answer("C_VerifyMessage", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE session, void* /*pParameter*/,
                           CK_ULONG /*ulParameterLen*/) {
  return answer("C_VerifyMessageBegin", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE session, void* /*pParameter*/,
                          CK_ULONG /*ulParameterLen*/, CK_BYTE_PTR /*pData*/,
                          CK_ULONG /*ulDataLen*/, CK_BYTE_PTR /*pSignature*/,
                          CK_ULONG /*ulSignatureLen*/) {
  return answer("C_VerifyMessageNext", [&] { return unsupportedOfSession(session); });
}

CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE session) {
  return answer("C_MessageVerifyFinal", [&] { return unsupportedOfSession(session); });
}

CK_RV C_EncapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                       CK_OBJECT_HANDLE /*hPublicKey*/, CK_ATTRIBUTE_PTR /*pTemplate*/,
                       CK_ULONG /*ulAttributeCount*/, CK_BYTE_PTR /*pCiphertext*/,
                       CK_ULONG_PTR /*pulCiphertextLen*/, CK_OBJECT_HANDLE_PTR /*phKey*/) {
  return answer("C_EncapsulateKey", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                       CK_OBJECT_HANDLE /*hPrivateKey*/, CK_ATTRIBUTE_PTR /*pTemplate*/,
                       CK_ULONG /*ulAttributeCount*/, CK_BYTE_PTR /*pCiphertext*/,
                       CK_ULONG /*ulCiphertextLen*/, CK_OBJECT_HANDLE_PTR /*phKey*/) {
  return answer("C_DecapsulateKey", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifySignatureInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                            CK_OBJECT_HANDLE key, CK_BYTE_PTR signature, CK_ULONG signatureLen) {
  return answer("C_VerifySignatureInit", [&] {
    return verifySignatureInit(session, mechanism, key, signature, signatureLen);
  });
}

CK_RV C_VerifySignature(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG dataLen) {
  return answer("C_VerifySignature", [&] { return verifySignature(session, data, dataLen); });
}

CK_RV C_VerifySignatureUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG partLen) {
  return answer("C_VerifySignatureUpdate",
                [&] { return verifySignatureUpdate(session, part, partLen); });
}

CK_RV C_VerifySignatureFinal(CK_SESSION_HANDLE session) {
  return answer("C_VerifySignatureFinal", [&] { return verifySignatureFinal(session); });
}

CK_RV C_GetSessionValidationFlags(CK_SESSION_HANDLE session, CK_ULONG type, CK_FLAGS* flags) {
  return answer("C_GetSessionValidationFlags",
                [&] { return getSessionValidationFlags(session, type, flags); });
}

CK_RV C_AsyncComplete(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR /*pFunctionName*/,
                      CK_ASYNC_DATA* /*pResult*/) {
  return answer("C_AsyncComplete", [&] { return unsupportedOfSession(session); });
}

CK_RV C_AsyncGetID(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR /*pFunctionName*/,
                   CK_ULONG_PTR /*pulID*/) {
  return answer("C_AsyncGetID", [&] { return unsupportedOfSession(session); });
}

CK_RV C_AsyncJoin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR /*pFunctionName*/, CK_ULONG /*ulID*/,
                  CK_BYTE_PTR /*pData*/, CK_ULONG /*ulData*/) {
  return answer("C_AsyncJoin", [&] { return unsupportedOfSession(session); });
}

CK_RV C_WrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                             CK_OBJECT_HANDLE /*hWrappingKey*/, CK_OBJECT_HANDLE /*hKey*/,
                             CK_BYTE_PTR /*pAssociatedData*/, CK_ULONG /*ulAssociatedDataLen*/,
                             CK_BYTE_PTR /*pWrappedKey*/, CK_ULONG_PTR /*pulWrappedKeyLen*/) {
  return answer("C_WrapKeyAuthenticated", [&] { return unsupportedOfSession(session); });
}

CK_RV C_UnwrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*pMechanism*/,
                               CK_OBJECT_HANDLE /*hUnwrappingKey*/, CK_BYTE_PTR /*pWrappedKey*/,
                               CK_ULONG /*ulWrappedKeyLen*/, CK_ATTRIBUTE_PTR /*pTemplate*/,
                               CK_ULONG /*ulAttributeCount*/, CK_BYTE_PTR /*pAssociatedData*/,
                               CK_ULONG /*ulAssociatedDataLen*/, CK_OBJECT_HANDLE_PTR /*phKey*/) {
  return answer("C_UnwrapKeyAuthenticated", [&] { return unsupportedOfSession(session); });
}
}

// NOLINTEND(readability-identifier-naming)
