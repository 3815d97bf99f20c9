// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/status.h"

/// The C++ twin of every function of Cryptoki that does something here: the same arguments,
/// checked, and a status instead of a code. The functions of one chapter of PKCS #11 2.40 §5 share
/// a file.
namespace fncard::pkcs11 {

// functions_general.cc: §5.4, §5.5
Status initialize(CK_VOID_PTR arguments);
Status finalize(CK_VOID_PTR reserved);
Status getInfo(CK_INFO_PTR info, CK_VERSION interfaceVersion);
Status getSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR list, CK_ULONG_PTR count);
Status getSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info);
Status getTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info);
Status waitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved);
Status getMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count);
Status getMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info);
/// For functions that this card has no use for: tells a wrong slot or session first.
Status unsupportedOfSlot(CK_SLOT_ID slot);
Status unsupportedOfSession(CK_SESSION_HANDLE session);

// functions_session.cc: §5.6, §5.16, §5.17
Status openSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE_PTR session);
Status closeSession(CK_SESSION_HANDLE session);
Status closeAllSessions(CK_SLOT_ID slot);
Status getSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info);
Status login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG pinSize);
/// C_LoginUser of 3.0: the card has one user and no names, so a name is a wrong argument.
Status loginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                 CK_ULONG pinSize, CK_UTF8CHAR_PTR name, CK_ULONG nameSize);
Status logout(CK_SESSION_HANDLE session);
/// weak: the code for a PIN that is easily guessed.
Status setPin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR oldPin, CK_ULONG oldSize,
              CK_UTF8CHAR_PTR newPin, CK_ULONG newSize, CK_RV weak);
Status sessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
/// No session of this card is validated: all flags of CKS_LAST_VALIDATION_OK are down.
Status getSessionValidationFlags(CK_SESSION_HANDLE session, CK_ULONG type, CK_FLAGS* flags);
Status seedRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR seed, CK_ULONG size);
Status generateRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR random, CK_ULONG size);
Status notParallel(CK_SESSION_HANDLE session);

// functions_object.cc: §5.7, and C_DeriveKey of §5.14
Status createObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                    CK_OBJECT_HANDLE_PTR object);
Status copyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                  CK_ULONG count, CK_OBJECT_HANDLE_PTR copy);
Status destroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
Status getObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG_PTR size);
Status getAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                         CK_ATTRIBUTE_PTR attributes, CK_ULONG count);
Status setAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                         CK_ATTRIBUTE_PTR attributes, CK_ULONG count);
Status findObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count);
Status findObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG room,
                   CK_ULONG_PTR count);
Status findObjectsFinal(CK_SESSION_HANDLE session);
Status deriveKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key,
                 CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR derived);

// functions_crypto.cc: §5.8 to §5.13
Status digestInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism);
Status digest(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR digest,
              CK_ULONG_PTR digestSize);
Status digestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size);
Status digestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
Status digestFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR digest, CK_ULONG_PTR digestSize);
Status signInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key);
Status sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR signature,
            CK_ULONG_PTR signatureSize);
Status signUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size);
Status signFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG_PTR signatureSize);
Status verifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key);
Status verify(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR signature,
              CK_ULONG signatureSize);
Status verifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size);
Status verifyFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG signatureSize);
Status verifySignatureInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                           CK_OBJECT_HANDLE key, CK_BYTE_PTR signature, CK_ULONG signatureSize);
Status verifySignature(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size);
Status verifySignatureUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size);
Status verifySignatureFinal(CK_SESSION_HANDLE session);
Status encryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key);
Status encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR encrypted,
               CK_ULONG_PTR encryptedSize);
Status encryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size,
                     CK_BYTE_PTR encrypted, CK_ULONG_PTR encryptedSize);
Status encryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG_PTR encryptedSize);
Status decryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key);
Status decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG size, CK_BYTE_PTR data,
               CK_ULONG_PTR dataSize);
Status decryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG size, CK_BYTE_PTR data,
                     CK_ULONG_PTR dataSize);
Status decryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG_PTR dataSize);

}  // namespace fncard::pkcs11
