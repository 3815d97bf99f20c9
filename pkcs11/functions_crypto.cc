// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/functions.h"
#include "pkcs11/with_session.h"

namespace fncard::pkcs11 {

namespace {

/// C_…Init: begin(session) with a mechanism. Without one, an active operation of that kind ends
/// (PKCS #11 3.0 §5.8 to §5.13); when there is none, it is a wrong argument.
template <typename Begin>
Status initOperation(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_FLAGS kind,
                     Begin begin) {
  return withSession(handle, [&](Session& session) -> Status {
    if (mechanism != nullptr) {
      return begin(session);
    }
    return session.cancel(kind) ? Status() : Status(nullArgument("mechanism"));
  });
}

}  // namespace

Status digestInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism) {
  return initOperation(handle, mechanism, CKF_DIGEST,
                       [&](Session& session) { return session.digestInit(*mechanism); });
}

Status digest(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR digest,
              CK_ULONG_PTR digestSize) {
  return withSession(handle, [&](Session& session) {
    return session.digest(Input{data, size}, Output(digest, digestSize));
  });
}

Status digestUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size) {
  return withSession(handle, [&](Session& session) {
    return session.digestUpdate(Input{part, size});
  });
}

Status digestKey(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE key) {
  return withSession(handle, [&](Session& session) { return session.digestKey(key); });
}

Status digestFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR digest, CK_ULONG_PTR digestSize) {
  return withSession(
      handle, [&](Session& session) { return session.digestFinal(Output(digest, digestSize)); });
}

Status signInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return initOperation(handle, mechanism, CKF_SIGN,
                       [&](Session& session) { return session.signInit(*mechanism, key); });
}

Status sign(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR signature,
            CK_ULONG_PTR signatureSize) {
  return withSession(handle, [&](Session& session) {
    return session.sign(Input{data, size}, Output(signature, signatureSize));
  });
}

Status signUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size) {
  return withSession(handle, [&](Session& session) {
    return session.signUpdate(Input{part, size});
  });
}

Status signFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR signature, CK_ULONG_PTR signatureSize) {
  return withSession(handle, [&](Session& session) {
    return session.signFinal(Output(signature, signatureSize));
  });
}

Status verifyInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return initOperation(handle, mechanism, CKF_VERIFY,
                       [&](Session& session) { return session.verifyInit(*mechanism, key); });
}

Status verify(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR signature,
              CK_ULONG signatureSize) {
  return withSession(handle, [&](Session& session) {
    return session.verify(Input{data, size}, Input{signature, signatureSize});
  });
}

Status verifyUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size) {
  return withSession(handle, [&](Session& session) {
    return session.verifyUpdate(Input{part, size});
  });
}

Status verifyFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR signature, CK_ULONG signatureSize) {
  return withSession(handle, [&](Session& session) {
    return session.verifyFinal(Input{signature, signatureSize});
  });
}

Status verifySignatureInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                           CK_OBJECT_HANDLE key, CK_BYTE_PTR signature, CK_ULONG signatureSize) {
  return initOperation(handle, mechanism, CKF_VERIFY, [&](Session& session) {
    return session.verifySignatureInit(*mechanism, key, Input{signature, signatureSize});
  });
}

Status verifySignature(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size) {
  return withSession(handle, [&](Session& session) {
    return session.verifySignature(Input{data, size});
  });
}

Status verifySignatureUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size) {
  return withSession(handle, [&](Session& session) {
    return session.verifySignatureUpdate(Input{part, size});
  });
}

Status verifySignatureFinal(CK_SESSION_HANDLE handle) {
  return withSession(handle, [](Session& session) { return session.verifySignatureFinal(); });
}

Status encryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return initOperation(handle, mechanism, CKF_ENCRYPT,
                       [&](Session& session) { return session.encryptInit(*mechanism, key); });
}

Status encrypt(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR encrypted,
               CK_ULONG_PTR encryptedSize) {
  return withSession(handle, [&](Session& session) {
    return session.encrypt(Input{data, size}, Output(encrypted, encryptedSize));
  });
}

Status encryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size,
                     CK_BYTE_PTR encrypted, CK_ULONG_PTR encryptedSize) {
  return withSession(handle, [&](Session& session) {
    return session.encryptUpdate(Input{part, size}, Output(encrypted, encryptedSize));
  });
}

Status encryptFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR encrypted, CK_ULONG_PTR encryptedSize) {
  return withSession(handle, [&](Session& session) {
    return session.encryptFinal(Output(encrypted, encryptedSize));
  });
}

Status decryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  return initOperation(handle, mechanism, CKF_DECRYPT,
                       [&](Session& session) { return session.decryptInit(*mechanism, key); });
}

Status decrypt(CK_SESSION_HANDLE handle, CK_BYTE_PTR encrypted, CK_ULONG size, CK_BYTE_PTR data,
               CK_ULONG_PTR dataSize) {
  return withSession(handle, [&](Session& session) {
    return session.decrypt(Input{encrypted, size}, Output(data, dataSize));
  });
}

Status decryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG size, CK_BYTE_PTR data,
                     CK_ULONG_PTR dataSize) {
  return withSession(handle, [&](Session& session) {
    return session.decryptUpdate(Input{part, size}, Output(data, dataSize));
  });
}

Status decryptFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG_PTR dataSize) {
  return withSession(
      handle, [&](Session& session) { return session.decryptFinal(Output(data, dataSize)); });
}

}  // namespace fncard::pkcs11
