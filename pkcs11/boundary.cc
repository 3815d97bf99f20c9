// SPDX-License-Identifier: Apache-2.0
// The C boundary: every function of PKCS #11 2.40. Each calls its C++ twin; nothing else
// happens here, and no exception gets past it.
#include "pkcs11/boundary.h"

#include "pkcs11/functions.h"

// NOLINTBEGIN(readability-identifier-naming): the standard's names

using namespace fncard::pkcs11;  // NOLINT(google-build-using-namespace): twins, one a line

extern "C" {

CK_RV C_Initialize(CK_VOID_PTR arguments) {
  return answer("C_Initialize", [&] { return initialize(arguments); });
}

CK_RV C_Finalize(CK_VOID_PTR reserved) {
  return answer("C_Finalize", [&] { return finalize(reserved); });
}

CK_RV C_GetInfo(CK_INFO_PTR info) {
  return answer("C_GetInfo", [&] { return getInfo(info, kVersion240); });
}

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR slotList, CK_ULONG_PTR count) {
  return answer("C_GetSlotList", [&] { return getSlotList(tokenPresent, slotList, count); });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotId, CK_SLOT_INFO_PTR info) {
  return answer("C_GetSlotInfo", [&] { return getSlotInfo(slotId, info); });
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotId, CK_TOKEN_INFO_PTR info) {
  return answer("C_GetTokenInfo", [&] { return getTokenInfo(slotId, info); });
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
  return answer("C_WaitForSlotEvent", [&] { return waitForSlotEvent(flags, slot, reserved); });
}

CK_RV C_GetMechanismList(CK_SLOT_ID slotId, CK_MECHANISM_TYPE_PTR mechanismList,
                         CK_ULONG_PTR count) {
  return answer("C_GetMechanismList",
                [&] { return getMechanismList(slotId, mechanismList, count); });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotId, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  return answer("C_GetMechanismInfo", [&] { return getMechanismInfo(slotId, type, info); });
}

CK_RV C_InitToken(CK_SLOT_ID slotId, CK_BYTE_PTR /*pin*/, CK_ULONG /*pinLen*/,
                  CK_BYTE_PTR /*label*/) {
  return answer("C_InitToken", [&] { return unsupportedOfSlot(slotId); });
}

CK_RV C_InitPIN(CK_SESSION_HANDLE session, CK_BYTE_PTR /*pin*/, CK_ULONG /*pinLen*/) {
  return answer("C_InitPIN", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SetPIN(CK_SESSION_HANDLE session, CK_BYTE_PTR oldPin, CK_ULONG oldLen, CK_BYTE_PTR newPin,
               CK_ULONG newLen) {
  return answer("C_SetPIN",
                [&] { return setPin(session, oldPin, oldLen, newPin, newLen, CKR_PIN_INVALID); });
}

CK_RV C_OpenSession(CK_SLOT_ID slotId, CK_FLAGS flags, CK_VOID_PTR /*application*/,
                    CK_NOTIFY /*notify*/, CK_SESSION_HANDLE_PTR session) {
  return answer("C_OpenSession", [&] { return openSession(slotId, flags, session); });
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session) {
  return answer("C_CloseSession", [&] { return closeSession(session); });
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotId) {
  return answer("C_CloseAllSessions", [&] { return closeAllSessions(slotId); });
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info) {
  return answer("C_GetSessionInfo", [&] { return getSessionInfo(session, info); });
}

CK_RV C_GetOperationState(CK_SESSION_HANDLE session, CK_BYTE_PTR /*operationState*/,
                          CK_ULONG_PTR /*operationStateLen*/) {
  return answer("C_GetOperationState", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SetOperationState(CK_SESSION_HANDLE session, CK_BYTE_PTR /*operationState*/,
                          CK_ULONG /*operationStateLen*/, CK_OBJECT_HANDLE /*encryptionKey*/,
                          CK_OBJECT_HANDLE /*authenticationKey*/) {
  return answer("C_SetOperationState", [&] { return unsupportedOfSession(session); });
}

CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE userType, CK_BYTE_PTR pin, CK_ULONG pinLen) {
  return answer("C_Login", [&] { return login(session, userType, pin, pinLen); });
}

CK_RV C_Logout(CK_SESSION_HANDLE session) {
  return answer("C_Logout", [&] { return logout(session); });
}

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                     CK_OBJECT_HANDLE_PTR object) {
  return answer("C_CreateObject", [&] { return createObject(session, attributes, count, object); });
}

CK_RV C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                   CK_ULONG count, CK_OBJECT_HANDLE_PTR newObject) {
  return answer("C_CopyObject",
                [&] { return copyObject(session, object, attributes, count, newObject); });
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  return answer("C_DestroyObject", [&] { return destroyObject(session, object); });
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG_PTR size) {
  return answer("C_GetObjectSize", [&] { return getObjectSize(session, object, size); });
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return answer("C_GetAttributeValue",
                [&] { return getAttributeValue(session, object, attributes, count); });
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return answer("C_SetAttributeValue",
                [&] { return setAttributeValue(session, object, attributes, count); });
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return answer("C_FindObjectsInit", [&] { return findObjectsInit(session, attributes, count); });
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR object, CK_ULONG maxObjectCount,
                    CK_ULONG_PTR objectCount) {
  return answer("C_FindObjects",
                [&] { return findObjects(session, object, maxObjectCount, objectCount); });
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session) {
  return answer("C_FindObjectsFinal", [&] { return findObjectsFinal(session); });
}

CK_RV C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return answer("C_EncryptInit", [&] { return encryptInit(session, mechanism, key); });
}

CK_RV C_Encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG dataLen,
                CK_BYTE_PTR encryptedData, CK_ULONG_PTR encryptedDataLen) {
  return answer("C_Encrypt",
                [&] { return encrypt(session, data, dataLen, encryptedData, encryptedDataLen); });
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG partLen,
                      CK_BYTE_PTR encryptedPart, CK_ULONG_PTR encryptedPartLen) {
  return answer("C_EncryptUpdate", [&] {
    return encryptUpdate(session, part, partLen, encryptedPart, encryptedPartLen);
  });
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR lastEncryptedPart,
                     CK_ULONG_PTR lastEncryptedPartLen) {
  return answer("C_EncryptFinal",
                [&] { return encryptFinal(session, lastEncryptedPart, lastEncryptedPartLen); });
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return answer("C_DecryptInit", [&] { return decryptInit(session, mechanism, key); });
}

CK_RV C_Decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR encryptedData, CK_ULONG encryptedDataLen,
                CK_BYTE_PTR data, CK_ULONG_PTR dataLen) {
  return answer("C_Decrypt",
                [&] { return decrypt(session, encryptedData, encryptedDataLen, data, dataLen); });
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR encryptedPart,
                      CK_ULONG encryptedPartLen, CK_BYTE_PTR part, CK_ULONG_PTR partLen) {
  return answer("C_DecryptUpdate", [&] {
    return decryptUpdate(session, encryptedPart, encryptedPartLen, part, partLen);
  });
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR lastPart, CK_ULONG_PTR lastPartLen) {
  return answer("C_DecryptFinal", [&] { return decryptFinal(session, lastPart, lastPartLen); });
}

CK_RV C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism) {
  return answer("C_DigestInit", [&] { return digestInit(session, mechanism); });
}

CK_RV C_Digest(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG dataLen, CK_BYTE_PTR result,
               CK_ULONG_PTR resultLen) {
  return answer("C_Digest", [&] { return digest(session, data, dataLen, result, resultLen); });
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG partLen) {
  return answer("C_DigestUpdate", [&] { return digestUpdate(session, part, partLen); });
}

CK_RV C_DigestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
  return answer("C_DigestKey", [&] { return digestKey(session, key); });
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR result, CK_ULONG_PTR resultLen) {
  return answer("C_DigestFinal", [&] { return digestFinal(session, result, resultLen); });
}

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return answer("C_SignInit", [&] { return signInit(session, mechanism, key); });
}

CK_RV C_Sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG dataLen, CK_BYTE_PTR signature,
             CK_ULONG_PTR signatureLen) {
  return answer("C_Sign", [&] { return sign(session, data, dataLen, signature, signatureLen); });
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG partLen) {
  return answer("C_SignUpdate", [&] { return signUpdate(session, part, partLen); });
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG_PTR signatureLen) {
  return answer("C_SignFinal", [&] { return signFinal(session, signature, signatureLen); });
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                        CK_OBJECT_HANDLE /*key*/) {
  return answer("C_SignRecoverInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SignRecover(CK_SESSION_HANDLE session, CK_BYTE_PTR /*data*/, CK_ULONG /*dataLen*/,
                    CK_BYTE_PTR /*signature*/, CK_ULONG_PTR /*signatureLen*/) {
  return answer("C_SignRecover", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return answer("C_VerifyInit", [&] { return verifyInit(session, mechanism, key); });
}

CK_RV C_Verify(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG dataLen, CK_BYTE_PTR signature,
               CK_ULONG signatureLen) {
  return answer("C_Verify",
                [&] { return verify(session, data, dataLen, signature, signatureLen); });
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG partLen) {
  return answer("C_VerifyUpdate", [&] { return verifyUpdate(session, part, partLen); });
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG signatureLen) {
  return answer("C_VerifyFinal", [&] { return verifyFinal(session, signature, signatureLen); });
}

CK_RV C_VerifyRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                          CK_OBJECT_HANDLE /*key*/) {
  return answer("C_VerifyRecoverInit", [&] { return unsupportedOfSession(session); });
}

CK_RV C_VerifyRecover(CK_SESSION_HANDLE session, CK_BYTE_PTR /*signature*/,
                      CK_ULONG /*signatureLen*/, CK_BYTE_PTR /*data*/, CK_ULONG_PTR /*dataLen*/) {
  return answer("C_VerifyRecover", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DigestEncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR /*part*/, CK_ULONG /*partLen*/,
                            CK_BYTE_PTR /*encryptedPart*/, CK_ULONG_PTR /*encryptedPartLen*/) {
  return answer("C_DigestEncryptUpdate", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecryptDigestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR /*encryptedPart*/,
                            CK_ULONG /*encryptedPartLen*/, CK_BYTE_PTR /*part*/,
                            CK_ULONG_PTR /*partLen*/) {
  return answer("C_DecryptDigestUpdate", [&] { return unsupportedOfSession(session); });
}

CK_RV C_SignEncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR /*part*/, CK_ULONG /*partLen*/,
                          CK_BYTE_PTR /*encryptedPart*/, CK_ULONG_PTR /*encryptedPartLen*/) {
  return answer("C_SignEncryptUpdate", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DecryptVerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR /*encryptedPart*/,
                            CK_ULONG /*encryptedPartLen*/, CK_BYTE_PTR /*part*/,
                            CK_ULONG_PTR /*partLen*/) {
  return answer("C_DecryptVerifyUpdate", [&] { return unsupportedOfSession(session); });
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                    CK_ATTRIBUTE_PTR /*attributes*/, CK_ULONG /*count*/,
                    CK_OBJECT_HANDLE_PTR /*key*/) {
  return answer("C_GenerateKey", [&] { return unsupportedOfSession(session); });
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                        CK_ATTRIBUTE_PTR /*publicKeyTemplate*/,
                        CK_ULONG /*publicKeyAttributeCount*/,
                        CK_ATTRIBUTE_PTR /*privateKeyTemplate*/,
                        CK_ULONG /*privateKeyAttributeCount*/, CK_OBJECT_HANDLE_PTR /*publicKey*/,
                        CK_OBJECT_HANDLE_PTR /*privateKey*/) {
  return answer("C_GenerateKeyPair", [&] { return unsupportedOfSession(session); });
}

CK_RV C_WrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                CK_OBJECT_HANDLE /*wrappingKey*/, CK_OBJECT_HANDLE /*key*/,
                CK_BYTE_PTR /*wrappedKey*/, CK_ULONG_PTR /*wrappedKeyLen*/) {
  return answer("C_WrapKey", [&] { return unsupportedOfSession(session); });
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*mechanism*/,
                  CK_OBJECT_HANDLE /*unwrappingKey*/, CK_BYTE_PTR /*wrappedKey*/,
                  CK_ULONG /*wrappedKeyLen*/, CK_ATTRIBUTE_PTR /*attributes*/,
                  CK_ULONG /*attributeCount*/, CK_OBJECT_HANDLE_PTR /*key*/) {
  return answer("C_UnwrapKey", [&] { return unsupportedOfSession(session); });
}

CK_RV C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE baseKey,
                  CK_ATTRIBUTE_PTR attributes, CK_ULONG attributeCount, CK_OBJECT_HANDLE_PTR key) {
  return answer("C_DeriveKey", [&] {
    return deriveKey(session, mechanism, baseKey, attributes, attributeCount, key);
  });
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR seed, CK_ULONG seedLen) {
  return answer("C_SeedRandom", [&] { return seedRandom(session, seed, seedLen); });
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR randomData, CK_ULONG randomLen) {
  return answer("C_GenerateRandom", [&] { return generateRandom(session, randomData, randomLen); });
}

CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE session) {
  return answer("C_GetFunctionStatus", [&] { return notParallel(session); });
}

CK_RV C_CancelFunction(CK_SESSION_HANDLE session) {
  return answer("C_CancelFunction", [&] { return notParallel(session); });
}
}

// NOLINTEND(readability-identifier-naming)
