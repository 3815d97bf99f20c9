// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <variant>
#include <vector>

#include "pkcs11/operation/decrypt_operation.h"
#include "pkcs11/operation/digest_operation.h"
#include "pkcs11/operation/encrypt_operation.h"
#include "pkcs11/operation/sign_operation.h"
#include "pkcs11/operation/verify_operation.h"
#include "pkcs11/output.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

/// One session: at most one cryptographic operation and one search at a time, and one call at a
/// time. By PKCS #11 §5.2 a call that only asks the length, or whose buffer is too small, leaves
/// its operation as it was; every other outcome of a call that could end it ends it.
class Session {
 public:
  Session(CK_SLOT_ID slot, CK_FLAGS flags, std::shared_ptr<Token> token)
      : slot_(slot), flags_(flags), token_(std::move(token)) {}

  [[nodiscard]] CK_SLOT_ID slot() const { return slot_; }
  [[nodiscard]] CK_FLAGS flags() const { return flags_; }
  [[nodiscard]] bool readWrite() const { return (flags_ & CKF_RW_SESSION) != 0; }
  [[nodiscard]] CK_STATE state() const;
  [[nodiscard]] Token& token() const { return *token_; }
  /// Set once, before anyone else knows the session: its handle, and whether a call in it that
  /// waits for a person goes on.
  void introduce(CK_SESSION_HANDLE handle, StillWanted stillWanted) {
    handle_ = handle;
    stillWanted_ = std::move(stillWanted);
  }
  /// The session ends: its objects go. A call that is still going on in it leaves nothing behind.
  void close();
  [[nodiscard]] bool closed() const { return closed_; }

  /// C_Login(CKU_USER).
  Status login(GivenPin pin) { return token_->login(std::move(pin), stillWanted_); }

  Status findInit(std::span<const CK_ATTRIBUTE> wanted);
  Result<CK_ULONG> find(std::span<CK_OBJECT_HANDLE> found);
  Status findFinal();
  Result<std::shared_ptr<const Object>> object(CK_OBJECT_HANDLE handle) const;
  /// C_CreateObject, C_CopyObject, C_SetAttributeValue: objects of this session
  /// (object_template.h). CKR_USER_NOT_LOGGED_IN for a private one before the login.
  Result<CK_OBJECT_HANDLE> createObject(std::span<const CK_ATTRIBUTE> given);
  Result<CK_OBJECT_HANDLE> copyObject(CK_OBJECT_HANDLE handle, std::span<const CK_ATTRIBUTE> given);
  Status setAttributes(CK_OBJECT_HANDLE handle, std::span<const CK_ATTRIBUTE> given);
  Status destroyObject(CK_OBJECT_HANDLE handle);
  Result<CK_OBJECT_HANDLE> deriveKey(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key,
                                     std::span<const CK_ATTRIBUTE> wanted);

  /// The PIN of the signature that has begun. CKR_OPERATION_NOT_INITIALIZED when none wants one.
  Status contextLogin(GivenPin pin);
  /// The user logged out: what uses a private key ends.
  void endPrivateOperations();
  /// C_SessionCancel, PKCS #11 3.0 §5.6.5: the kinds in flags (CKF_SIGN, …) end. True when one was
  /// active.
  bool cancel(CK_FLAGS flags);

  Status digestInit(const CK_MECHANISM& mechanism);
  Status digest(Input data, Output digest);
  Status digestUpdate(Input part);
  Status digestKey(CK_OBJECT_HANDLE key);
  Status digestFinal(Output digest);

  Status signInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key);
  Status sign(Input data, Output signature);
  Status signUpdate(Input part);
  Status signFinal(Output signature);

  Status verifyInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key);
  Status verify(Input data, Input signature);
  Status verifyUpdate(Input part);
  Status verifyFinal(Input signature);
  Status verifySignatureInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key, Input signature);
  Status verifySignature(Input data);
  Status verifySignatureUpdate(Input part);
  Status verifySignatureFinal();

  Status encryptInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key);
  Status encrypt(Input data, Output ciphertext);
  Status encryptUpdate(Input part, Output ciphertext);
  Status encryptFinal(Output ciphertext);

  Status decryptInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key);
  Status decrypt(Input ciphertext, Output data);
  Status decryptUpdate(Input part, Output data);
  Status decryptFinal(Output data);

 private:
  using Operation = std::variant<std::monostate, DigestOperation, SignOperation, VerifyOperation,
                                 SignatureCheck, EncryptOperation, DecryptOperation>;
  /// Whether an operation goes on after a call.
  enum class After { Ends, GoesOn };

  template <typename Kind>
  Status begin(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key);
  template <typename Kind, typename Step>
  Status run(Step step);
  template <typename Kind>
  Status feed(Input part);
  template <typename Kind, typename Finish>
  Status produce(std::optional<Input> data, Output output, Finish finish);
  template <typename Kind, typename Finish>
  Status check(std::optional<Input> data, Finish finish);
  Status verifyWith(std::optional<Input> data, Input signature);
  template <typename Kind>
  Status feedWithoutOutput(Input part, Output output);
  Status deliver(std::optional<Input> ciphertext, Output data);
  Result<std::shared_ptr<const Object>> key(CK_OBJECT_HANDLE handle) const;
  Result<CK_OBJECT_HANDLE> addObject(std::shared_ptr<const Object> made);
  Result<CK_OBJECT_HANDLE> keep(std::shared_ptr<const Object> made);

  const CK_SLOT_ID slot_;
  const CK_FLAGS flags_;
  const std::shared_ptr<Token> token_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
  StillWanted stillWanted_;
  std::atomic<bool> closed_{false};

  struct Search {
    std::vector<CK_OBJECT_HANDLE> handles;
    std::size_t next = 0;
  };
  std::mutex mutex_;              // one call at a time; before the locks of the token
  Operation operation_;           // guarded by mutex_
  std::optional<Search> search_;  // guarded by mutex_
};

}  // namespace fncard::pkcs11
