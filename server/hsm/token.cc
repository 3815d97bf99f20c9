// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/token.h"

#include <algorithm>
#include <array>

namespace fncard::server::hsm {
namespace {

/// Answers after which a new login may help.
bool lostTheToken(CK_RV rv) {
  switch (rv) {
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_TOKEN_NOT_PRESENT:
      return true;
    default:
      return false;
  }
}

/// A CK_TOKEN_INFO label is padded with blanks to 32 bytes.
bool labelled(const CK_TOKEN_INFO& info, std::string_view label) {
  std::string_view found(reinterpret_cast<const char*>(info.label), sizeof(info.label));
  found = found.substr(0, found.find_last_not_of(' ') + 1);
  return found == label;
}

}  // namespace

Result<CK_SLOT_ID> findSlot(const Module& module, const std::string& label) {
  CK_ULONG count = 0;
  if (const CK_RV rv = module->C_GetSlotList(CK_TRUE, nullptr, &count); rv != CKR_OK) {
    return callFailed("C_GetSlotList", rv);
  }
  std::vector<CK_SLOT_ID> slots(count);
  if (const CK_RV rv = module->C_GetSlotList(CK_TRUE, slots.data(), &count); rv != CKR_OK) {
    return callFailed("C_GetSlotList", rv);
  }
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::vector<CK_SLOT_ID> matching;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (module->C_GetTokenInfo(slot, &info) == CKR_OK &&
        (info.flags & CKF_TOKEN_INITIALIZED) != 0 && labelled(info, label)) {
      matching.push_back(slot);
    }
  }
  if (matching.empty()) {
    return tl::unexpected(Error{"The HSM has no token labelled \"" + label +
                                "\"; make it with fncard-server init, or correct hsm.tokenLabel."});
  }
  if (matching.size() > 1) {
    return tl::unexpected(Error{"The HSM has several tokens labelled \"" + label +
                                "\"; give each a label of its own."});
  }
  return matching.front();
}

Error noSuchKey(const std::string& label) {
  return Error{"The HSM has no key labelled \"" + label +
               "\"; make it with fncard-server init, or check that hsm.tokenLabel is right."};
}

Token::Token(std::shared_ptr<Module> module, std::string label, Pin pin)
    : module_(std::move(module)), label_(std::move(label)), pin_(std::move(pin)) {}

Token::~Token() {
  for (const CK_SESSION_HANDLE session : idle_) {
    module()->C_CloseSession(session);
  }
  module()->C_CloseSession(keeper_);
}

Result<std::shared_ptr<Token>> Token::open(const Options& options) {
  auto pin = Pin::read(options.pinFile);
  if (!pin) {
    return tl::unexpected(pin.error());
  }
  auto module = Module::load(options.module);
  if (!module) {
    return tl::unexpected(module.error());
  }
  if (const auto slot = findSlot(**module, options.tokenLabel); !slot) {
    return tl::unexpected(slot.error());
  }
  std::shared_ptr<Token> token(new Token(*module, options.tokenLabel, std::move(*pin)));
  const std::lock_guard lock(token->mutex_);
  if (const CK_RV rv = token->login(); rv != CKR_OK) {
    return callFailed("C_Login", rv);
  }
  return token;
}

CK_RV Token::login() {
  const auto slot = findSlot(module(), label_);
  if (!slot) {
    return CKR_TOKEN_NOT_PRESENT;
  }
  slot_ = *slot;
  if (const CK_RV rv = openSession(keeper_); rv != CKR_OK) {
    return rv;
  }
  const auto pin = pin_.bytes();
  const CK_RV rv = module()->C_Login(keeper_, CKU_USER, pin.data(), pin.size());
  return rv == CKR_USER_ALREADY_LOGGED_IN ? CKR_OK : rv;
}

CK_RV Token::openSession(CK_SESSION_HANDLE& session) {
  return module()->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                 &session);
}

CK_RV Token::renew(unsigned generation) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_) {
    return CKR_OK;  // another thread has done it
  }
  for (const CK_SESSION_HANDLE session : idle_) {
    module()->C_CloseSession(session);
  }
  module()->C_CloseSession(keeper_);
  idle_.clear();
  handles_.clear();
  ++generation_;
  return login();
}

CK_RV Token::run(const std::function<CK_RV(CK_SESSION_HANDLE)>& operation) {
  CK_RV rv = CKR_OK;
  for (int attempt = 0; attempt < 2; ++attempt) {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    unsigned generation = 0;
    {
      const std::lock_guard lock(mutex_);
      generation = generation_;
      if (!idle_.empty()) {
        session = idle_.back();
        idle_.pop_back();
        rv = CKR_OK;
      } else {
        rv = openSession(session);
      }
    }
    if (rv == CKR_OK) {
      rv = operation(session);
      const std::lock_guard lock(mutex_);
      if (rv == CKR_OK && generation == generation_) {
        idle_.push_back(session);
      } else {
        // an operation may still be active in it: it is not used again
        module()->C_CloseSession(session);
      }
    }
    if (!lostTheToken(rv)) {
      return rv;
    }
    if (attempt == 0) {
      if (const CK_RV renewed = renew(generation); renewed != CKR_OK) {
        return renewed;
      }
    }
  }
  return rv;
}

CK_RV Token::find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass, const std::string& label,
                  CK_OBJECT_HANDLE& object) {
  const std::pair name(objectClass, label);
  unsigned generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    if (const auto known = handles_.find(name); known != handles_.end()) {
      object = known->second;
      return CKR_OK;
    }
  }
  CK_ATTRIBUTE wanted[] = {
      {CKA_CLASS, &objectClass, sizeof(objectClass)},
      {CKA_LABEL, const_cast<char*>(label.data()), label.size()},
  };
  object = CK_INVALID_HANDLE;
  if (const CK_RV rv = module()->C_FindObjectsInit(session, wanted, std::size(wanted));
      rv != CKR_OK) {
    return rv;
  }
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  const CK_RV rv = module()->C_FindObjects(session, found.data(), found.size(), &count);
  module()->C_FindObjectsFinal(session);
  if (rv != CKR_OK || count == 0) {
    return rv;
  }
  if (count > 1) {
    return CKR_TEMPLATE_INCONSISTENT;  // two keys of one label: neither may be guessed
  }
  object = found[0];
  const std::lock_guard lock(mutex_);
  if (generation == generation_) {
    handles_[name] = object;
  }
  return CKR_OK;
}

CK_RV Token::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                       Bytes& value) const {
  constexpr CK_ULONG kLargest = 4096;
  CK_ATTRIBUTE asked{type, nullptr, 0};
  if (const CK_RV rv = module()->C_GetAttributeValue(session, object, &asked, 1); rv != CKR_OK) {
    return rv;
  }
  if (asked.ulValueLen > kLargest) {
    return CKR_ATTRIBUTE_VALUE_INVALID;
  }
  value.resize(asked.ulValueLen);
  asked.pValue = value.data();
  const CK_RV rv = module()->C_GetAttributeValue(session, object, &asked, 1);
  value.resize(std::min<std::size_t>(value.size(), asked.ulValueLen));
  return rv;
}

CK_RV Token::signOnce(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
                      View data, Bytes& signature) const {
  CK_MECHANISM how{mechanism, nullptr, 0};
  if (const CK_RV rv = module()->C_SignInit(session, &how, key); rv != CKR_OK) {
    return rv;
  }
  constexpr std::size_t kLargestSignature = 1024;
  signature.resize(kLargestSignature);
  CK_ULONG size = signature.size();
  const CK_RV rv = module()->C_Sign(session, const_cast<unsigned char*>(data.data()), data.size(),
                                    signature.data(), &size);
  signature.resize(rv == CKR_OK ? std::min<std::size_t>(size, kLargestSignature) : 0);
  return rv;
}

Result<Token::Bytes> Token::sign(CK_OBJECT_CLASS objectClass, const std::string& label,
                                 CK_MECHANISM_TYPE mechanism, View data) {
  Bytes signature;
  bool missing = false;
  const CK_RV rv = run([&](CK_SESSION_HANDLE session) {
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    if (const CK_RV found = find(session, objectClass, label, key); found != CKR_OK) {
      return found;
    }
    missing = key == CK_INVALID_HANDLE;
    return missing ? CK_RV{CKR_OK} : signOnce(session, key, mechanism, data, signature);
  });
  if (missing) {
    return tl::unexpected(noSuchKey(label));
  }
  if (rv != CKR_OK) {
    return callFailed("to sign with its key", rv);
  }
  return signature;
}

}  // namespace fncard::server::hsm
