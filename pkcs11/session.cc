// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/session.h"

#include "pkcs11/object_template.h"
#include "pkcs11/operation/ecdh.h"

namespace fncard::pkcs11 {

CK_STATE Session::state() const {
  if (token_->loggedIn()) {
    return readWrite() ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
  }
  return readWrite() ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

void Session::close() {
  closed_ = true;
  token_->objects().endSession(handle_);
}

Status Session::findInit(std::span<const CK_ATTRIBUTE> wanted) {
  const std::lock_guard lock(mutex_);
  if (search_) {
    return operationActive();
  }
  if (auto loaded = token_->load(); !loaded) {
    return loaded;
  }
  search_ = Search{.handles = token_->objects().match(wanted, token_->loggedIn())};
  return {};
}

Result<CK_ULONG> Session::find(std::span<CK_OBJECT_HANDLE> found) {
  const std::lock_guard lock(mutex_);
  if (!search_) {
    return operationNotInitialized();
  }
  const std::size_t count = std::min(found.size(), search_->handles.size() - search_->next);
  std::copy_n(search_->handles.begin() + static_cast<std::ptrdiff_t>(search_->next), count,
              found.begin());
  search_->next += count;
  return count;
}

Status Session::findFinal() {
  const std::lock_guard lock(mutex_);
  if (!search_) {
    return operationNotInitialized();
  }
  search_.reset();
  return {};
}

Result<std::shared_ptr<const Object>> Session::object(CK_OBJECT_HANDLE handle) const {
  return token_->objects().find(handle, token_->loggedIn());
}

Result<std::shared_ptr<const Object>> Session::key(CK_OBJECT_HANDLE handle) const {
  auto found = object(handle);
  if (!found) {
    return keyUnknown();
  }
  return found;
}

Result<CK_OBJECT_HANDLE> Session::createObject(std::span<const CK_ATTRIBUTE> given) {
  auto made = createdFrom(given);
  return made ? addObject(std::move(*made)) : passOn(made);
}

Result<CK_OBJECT_HANDLE> Session::copyObject(CK_OBJECT_HANDLE handle,
                                             std::span<const CK_ATTRIBUTE> given) {
  const auto found = object(handle);
  if (!found) {
    return Refusal(found.error());
  }
  auto made = copiedFrom(**found, given);
  return made ? addObject(std::move(*made)) : passOn(made);
}

/// A new object of this session.
Result<CK_OBJECT_HANDLE> Session::addObject(std::shared_ptr<const Object> made) {
  if (made->isPrivate() && !token_->loggedIn()) {
    return userNotLoggedIn();
  }
  return keep(std::move(made));
}

/// An object of this session, or of none when that was closed meanwhile.
Result<CK_OBJECT_HANDLE> Session::keep(std::shared_ptr<const Object> made) {
  auto handle = token_->objects().add(std::move(made), handle_);
  if (closed_) {  // close() came before and saw no object, or comes now and takes it away itself
    token_->objects().endSession(handle_);
    return sessionClosed();
  }
  return handle;
}

Status Session::setAttributes(CK_OBJECT_HANDLE handle, std::span<const CK_ATTRIBUTE> given) {
  return token_->objects().change(handle, token_->loggedIn(), [given](const Object& object) {
    return changedBy(object, given);
  });
}

Status Session::destroyObject(CK_OBJECT_HANDLE handle) {
  return token_->objects().destroy(handle, token_->loggedIn());
}

Result<CK_OBJECT_HANDLE> Session::deriveKey(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE base,
                                            std::span<const CK_ATTRIBUTE> wanted) {
  const std::lock_guard lock(mutex_);
  const auto found = key(base);
  if (!found) {
    return Refusal(found.error());
  }
  auto derived = ecdh::derive(*token_, mechanism, **found, wanted);
  if (!derived) {
    return passOn(derived);
  }
  return keep(std::move(*derived));
}

Status Session::contextLogin(GivenPin pin) {
  const std::lock_guard lock(mutex_);
  auto* operation = std::get_if<SignOperation>(&operation_);
  if (operation == nullptr || !operation->wantsLogin()) {
    return operationNotInitialized();
  }
  operation->dropLogin();  // one that fails leaves none, also not the one before it
  auto checked = token_->checkSignaturePin(pin);
  if (checked) {
    operation->giveLogin({.pin = std::move(pin)});
  }
  return checked;
}

void Session::endPrivateOperations() {
  cancel(CKF_SIGN | CKF_DECRYPT);
  const std::lock_guard lock(mutex_);
  search_.reset();
}

bool Session::cancel(CK_FLAGS flags) {
  const std::lock_guard lock(mutex_);
  const CK_FLAGS active = std::holds_alternative<DigestOperation>(operation_)    ? CKF_DIGEST
                          : std::holds_alternative<SignOperation>(operation_)    ? CKF_SIGN
                          : std::holds_alternative<VerifyOperation>(operation_)  ? CKF_VERIFY
                          : std::holds_alternative<SignatureCheck>(operation_)   ? CKF_VERIFY
                          : std::holds_alternative<EncryptOperation>(operation_) ? CKF_ENCRYPT
                          : std::holds_alternative<DecryptOperation>(operation_) ? CKF_DECRYPT
                                                                                 : 0;
  const bool ends = (active & flags) != 0;
  if (ends) {
    operation_ = std::monostate();
  }
  if ((flags & CKF_FIND_OBJECTS) == 0) {
    return ends;
  }
  const bool searched = search_.has_value();
  search_.reset();
  return ends || searched;
}

}  // namespace fncard::pkcs11
