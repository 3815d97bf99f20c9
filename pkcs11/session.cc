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
  return token_->objects().add(std::move(made), handle_);
}

Status Session::setAttributes(CK_OBJECT_HANDLE handle, std::span<const CK_ATTRIBUTE> given) {
  const auto found = object(handle);
  if (!found) {
    return Refusal(found.error());
  }
  auto changed = changedBy(**found, given);
  return changed ? token_->objects().replace(handle, std::move(*changed)) : passOn(changed);
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
  return token_->objects().add(std::move(*derived), handle_);
}

Status Session::contextLogin(card::Pin pin) {
  const std::lock_guard lock(mutex_);
  auto* operation = std::get_if<SignOperation>(&operation_);
  if (operation == nullptr || !operation->wantsContextPin()) {
    return operationNotInitialized();
  }
  auto checked = token_->checkContextPin(pin);
  if (checked) {
    operation->giveContextPin(std::move(pin));
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

/// C_…Init.
template <typename Kind>
Status Session::begin(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE handle) {
  const std::lock_guard lock(mutex_);
  if (!std::holds_alternative<std::monostate>(operation_)) {
    return operationActive();
  }
  auto found = key(handle);
  if (!found) {
    return passOn(found);
  }
  auto started = Kind::start(mechanism, std::move(*found));
  if (!started) {
    return passOn(started);
  }
  operation_ = std::move(*started);
  return {};
}

/// One call of an operation of this kind: step(operation) says whether it goes on; any failure but
/// CKR_BUFFER_TOO_SMALL ends it.
template <typename Kind, typename Step>
Status Session::run(Step step) {
  const std::lock_guard lock(mutex_);
  auto* operation = std::get_if<Kind>(&operation_);
  if (operation == nullptr) {
    return operationNotInitialized();
  }
  const Result<After> after = step(*operation);
  const bool goesOn = after ? *after == After::GoesOn : after.error().rv == CKR_BUFFER_TOO_SMALL;
  if (!goesOn) {
    operation_ = std::monostate();
  }
  return after ? Status() : Status(Refusal(after.error()));
}

/// C_…Update.
template <typename Kind>
Status Session::feed(Input part) {
  return run<Kind>([&](Kind& operation) -> Result<After> {
    const auto bytes = part.view();
    if (!bytes) {
      return Refusal(bytes.error());
    }
    if (auto fed = operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    return After::GoesOn;
  });
}

/// The call that ends an operation whose result has a known size: one-shot with data, final
/// without.
template <typename Kind, typename Finish>
Status Session::produce(std::optional<Input> data, Output output, Finish finish) {
  return run<Kind>([&](Kind& operation) -> Result<After> {
    if (data && operation.updated()) {
      return operationActive();
    }
    if (!output.valid()) {
      return nullArgument("the length");
    }
    if (auto announced = output.announce(operation.resultSize()); !announced) {
      return passOn(announced);
    }
    if (output.asksLength()) {
      return After::GoesOn;
    }
    const auto bytes = data.value_or(Input()).view();
    if (!bytes) {
      return Refusal(bytes.error());
    }
    if (auto fed = operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    const Result<Bytes> result = finish(operation);
    if (!result) {
      return Refusal(result.error());
    }
    output.write(*result);
    return After::Ends;
  });
}

Status Session::digestInit(const CK_MECHANISM& mechanism) {
  const std::lock_guard lock(mutex_);
  if (!std::holds_alternative<std::monostate>(operation_)) {
    return operationActive();
  }
  auto started = DigestOperation::start(mechanism);
  if (!started) {
    return passOn(started);
  }
  operation_ = std::move(*started);
  return {};
}

Status Session::digest(Input data, Output digest) {
  return produce<DigestOperation>(data, digest, [](auto& operation) { return operation.finish(); });
}

Status Session::digestUpdate(Input part) {
  return feed<DigestOperation>(part);
}

Status Session::digestKey(CK_OBJECT_HANDLE handle) {
  return run<DigestOperation>([&](DigestOperation& operation) -> Result<After> {
    const auto found = key(handle);
    if (!found) {
      return Refusal(found.error());
    }
    if ((*found)->secret().empty()) {
      return refuse(CKR_KEY_INDIGESTIBLE, "not a secret key");
    }
    if (auto fed = operation.update((*found)->secret()); !fed) {
      return passOn(fed);
    }
    return After::GoesOn;
  });
}

Status Session::digestFinal(Output digest) {
  return produce<DigestOperation>({}, digest, [](auto& operation) { return operation.finish(); });
}

Status Session::signInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<SignOperation>(mechanism, key);
}

Status Session::sign(Input data, Output signature) {
  return produce<SignOperation>(data, signature,
                                [this](auto& operation) { return operation.finish(*token_); });
}

Status Session::signUpdate(Input part) {
  return feed<SignOperation>(part);
}

Status Session::signFinal(Output signature) {
  return produce<SignOperation>({}, signature,
                                [this](auto& operation) { return operation.finish(*token_); });
}

Status Session::verifyInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<VerifyOperation>(mechanism, key);
}

template <typename Kind>
Status Session::check(std::optional<Input> data, Input signature) {
  return run<Kind>([&](Kind& operation) -> Result<After> {
    if (data && operation.updated()) {
      return operationActive();
    }
    const auto bytes = data.value_or(Input()).view();
    const auto given = signature.view();
    if (!bytes || !given) {
      return nullArgument("data or signature");
    }
    if (auto fed = operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    if (auto right = operation.finish(*given); !right) {
      return passOn(right);
    }
    return After::Ends;
  });
}

Status Session::verify(Input data, Input signature) {
  return check<VerifyOperation>(data, signature);
}

Status Session::verifyUpdate(Input part) {
  return feed<VerifyOperation>(part);
}

Status Session::verifyFinal(Input signature) {
  return check<VerifyOperation>({}, signature);
}

Status Session::verifySignatureInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE handle,
                                    Input signature) {
  const std::lock_guard lock(mutex_);
  if (!std::holds_alternative<std::monostate>(operation_)) {
    return operationActive();
  }
  const auto bytes = signature.view();
  if (!bytes) {
    return Refusal(bytes.error());
  }
  auto found = key(handle);
  if (!found) {
    return passOn(found);
  }
  auto started = VerifyOperation::start(mechanism, std::move(*found));
  if (!started) {
    return passOn(started);
  }
  if (bytes->size() != started->signatureSize()) {
    return refuse(CKR_SIGNATURE_LEN_RANGE, "a signature of this key has another size");
  }
  operation_ = SignatureCheck{.operation = std::move(*started),
                              .signature = Bytes(bytes->begin(), bytes->end())};
  return {};
}

Status Session::checkGiven(std::optional<Input> data) {
  return run<SignatureCheck>([&](SignatureCheck& check) -> Result<After> {
    if (data && check.operation.updated()) {
      return operationActive();
    }
    const auto bytes = data.value_or(Input()).view();
    if (!bytes) {
      return Refusal(bytes.error());
    }
    if (auto fed = check.operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    if (auto right = check.operation.finish(check.signature); !right) {
      return passOn(right);
    }
    return After::Ends;
  });
}

Status Session::verifySignature(Input data) {
  return checkGiven(data);
}

Status Session::verifySignatureUpdate(Input part) {
  return run<SignatureCheck>([&](SignatureCheck& check) -> Result<After> {
    const auto bytes = part.view();
    if (!bytes) {
      return Refusal(bytes.error());
    }
    if (auto fed = check.operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    return After::GoesOn;
  });
}

Status Session::verifySignatureFinal() {
  return checkGiven({});
}

Status Session::encryptInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<EncryptOperation>(mechanism, key);
}

Status Session::encrypt(Input data, Output ciphertext) {
  return produce<EncryptOperation>(data, ciphertext,
                                   [](auto& operation) { return operation.finish(); });
}

/// C_EncryptUpdate and C_DecryptUpdate: the mechanisms are of one block, so everything comes out at
/// the end.
template <typename Kind>
Status Session::feedWithoutOutput(Input part, Output output) {
  return run<Kind>([&](Kind& operation) -> Result<After> {
    const auto bytes = part.view();
    if (!bytes || !output.valid()) {
      return nullArgument("the part or the length");
    }
    if (auto announced = output.announce(0); !announced) {
      return passOn(announced);
    }
    if (!output.asksLength()) {
      if (auto fed = operation.update(*bytes); !fed) {
        return passOn(fed);
      }
    }
    return After::GoesOn;
  });
}

Status Session::encryptUpdate(Input part, Output ciphertext) {
  return feedWithoutOutput<EncryptOperation>(part, ciphertext);
}

Status Session::encryptFinal(Output ciphertext) {
  return produce<EncryptOperation>({}, ciphertext,
                                   [](auto& operation) { return operation.finish(); });
}

Status Session::decryptInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<DecryptOperation>(mechanism, key);
}

/// The call that ends a decryption: how long the message is, only the card's answer tells, and it
/// is kept for a second call when the buffer was too small.
Status Session::deliver(std::optional<Input> ciphertext, Output data) {
  return run<DecryptOperation>([&](DecryptOperation& operation) -> Result<After> {
    if (ciphertext && operation.updated() && !operation.result()) {
      return operationActive();
    }
    if (!data.valid()) {
      return nullArgument("the length");
    }
    if (data.asksLength()) {
      if (auto announced = data.announce(operation.longestResult()); !announced) {
        return passOn(announced);
      }
      return After::GoesOn;
    }
    if (!operation.result()) {
      const auto bytes = ciphertext.value_or(Input()).view();
      if (!bytes) {
        return Refusal(bytes.error());
      }
      if (auto fed = operation.update(*bytes); !fed) {
        return passOn(fed);
      }
      if (auto done = operation.decrypt(*token_); !done) {
        return passOn(done);
      }
    }
    if (auto announced = data.announce(operation.result()->size()); !announced) {
      return passOn(announced);
    }
    data.write(operation.result()->bytes());
    return After::Ends;
  });
}

Status Session::decrypt(Input ciphertext, Output data) {
  return deliver(ciphertext, data);
}

Status Session::decryptUpdate(Input part, Output data) {
  return feedWithoutOutput<DecryptOperation>(part, data);
}

Status Session::decryptFinal(Output data) {
  return deliver({}, data);
}

}  // namespace fncard::pkcs11
