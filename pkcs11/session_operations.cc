// SPDX-License-Identifier: Apache-2.0
// The operation of a session: each C_ function of one as what begins, feeds or ends it.
#include "pkcs11/session.h"

namespace fncard::pkcs11 {

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
  return produce<SignOperation>(
      data, signature, [this](auto& operation) { return operation.finish(*token_, stillWanted_); });
}

Status Session::signUpdate(Input part) {
  return feed<SignOperation>(part);
}

Status Session::signFinal(Output signature) {
  return produce<SignOperation>(
      {}, signature, [this](auto& operation) { return operation.finish(*token_, stillWanted_); });
}

Status Session::verifyInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<VerifyOperation>(mechanism, key);
}

/// The call that ends a check of a signature: one-shot with data, final without.
template <typename Kind, typename Finish>
Status Session::check(std::optional<Input> data, Finish finish) {
  return run<Kind>([&](Kind& operation) -> Result<After> {
    if (data && operation.updated()) {
      return operationActive();
    }
    const auto bytes = data.value_or(Input()).view();
    if (!bytes) {
      return Refusal(bytes.error());
    }
    if (auto fed = operation.update(*bytes); !fed) {
      return passOn(fed);
    }
    if (auto right = finish(operation); !right) {
      return passOn(right);
    }
    return After::Ends;
  });
}

Status Session::verifyWith(std::optional<Input> data, Input signature) {
  return check<VerifyOperation>(data, [&](VerifyOperation& operation) -> Status {
    auto given = signature.view();
    return given ? operation.finish(*given) : passOn(given);
  });
}

Status Session::verify(Input data, Input signature) {
  return verifyWith(data, signature);
}

Status Session::verifyUpdate(Input part) {
  return feed<VerifyOperation>(part);
}

Status Session::verifyFinal(Input signature) {
  return verifyWith({}, signature);
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
  operation_ = SignatureCheck(std::move(*started), *bytes);
  return {};
}

Status Session::verifySignature(Input data) {
  return check<SignatureCheck>(data, [](auto& operation) { return operation.finish(); });
}

Status Session::verifySignatureUpdate(Input part) {
  return feed<SignatureCheck>(part);
}

Status Session::verifySignatureFinal() {
  return check<SignatureCheck>({}, [](auto& operation) { return operation.finish(); });
}

Status Session::encryptInit(const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
  return begin<EncryptOperation>(mechanism, key);
}

Status Session::encrypt(Input data, Output ciphertext) {
  return produce<EncryptOperation>(data, ciphertext,
                                   [this](auto& operation) { return operation.finish(*token_); });
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
                                   [this](auto& operation) { return operation.finish(*token_); });
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
