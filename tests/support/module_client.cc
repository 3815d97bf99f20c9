// SPDX-License-Identifier: Apache-2.0
#include "tests/support/module_client.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace fncard::test {
namespace {

/// Cryptoki takes pointers to what it does not change.
CK_BYTE_PTR unchanged(ByteView bytes) {
  return const_cast<CK_BYTE_PTR>(bytes.data());
}

constexpr std::size_t kMostObjects = 64;
constexpr std::size_t kLongestResult = 1024;

}  // namespace

std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? std::string() : value;
}

void ModuleLibrary::Unload::operator()(void* library) const {
  dlclose(library);
}

tl::expected<ModuleLibrary, std::string> ModuleLibrary::load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return tl::unexpected("the module " + path + " cannot be loaded");
  }
  ModuleLibrary loaded(library);
  const auto getList = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST_PTR list = nullptr;
  if (getList == nullptr || getList(&list) != CKR_OK) {
    return tl::unexpected("the module " + path + " has no function list");
  }
  loaded.functions_ = list;
  return loaded;
}

Answer<std::vector<CK_SLOT_ID>> ModuleClient::slots() const {
  std::vector<CK_SLOT_ID> found(16);
  CK_ULONG count = found.size();
  if (const CK_RV rv = functions_->C_GetSlotList(CK_TRUE, found.data(), &count); rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  found.resize(count);
  return found;
}

Answer<std::string> ModuleClient::serialNumber(CK_SLOT_ID slot) const {
  CK_TOKEN_INFO info;
  if (const CK_RV rv = functions_->C_GetTokenInfo(slot, &info); rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  const std::string padded(reinterpret_cast<const char*>(info.serialNumber),
                           sizeof info.serialNumber);
  return padded.substr(0, padded.find_last_not_of(' ') + 1);
}

Answer<CK_SESSION_HANDLE> ModuleClient::open(CK_SLOT_ID slot) const {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  if (const CK_RV rv =
          functions_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
      rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  return session;
}

CK_RV ModuleClient::login(CK_SESSION_HANDLE session, CK_USER_TYPE user,
                          const std::string& pin) const {
  std::string copy = pin;
  return functions_->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR_PTR>(copy.data()),
                             copy.size());
}

Answer<std::vector<CK_OBJECT_HANDLE>> ModuleClient::find(CK_SESSION_HANDLE session,
                                                         std::vector<CK_ATTRIBUTE> wanted) const {
  if (const CK_RV rv = functions_->C_FindObjectsInit(session, wanted.data(), wanted.size());
      rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  std::vector<CK_OBJECT_HANDLE> found(kMostObjects);
  CK_ULONG count = 0;
  const CK_RV rv = functions_->C_FindObjects(session, found.data(), found.size(), &count);
  functions_->C_FindObjectsFinal(session);
  if (rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  found.resize(count);
  return found;
}

Answer<Bytes> ModuleClient::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_TYPE type) const {
  CK_ATTRIBUTE asked{type, nullptr, 0};
  CK_RV rv = functions_->C_GetAttributeValue(session, object, &asked, 1);
  if (rv != CKR_OK || asked.ulValueLen == CK_UNAVAILABLE_INFORMATION) {
    return tl::unexpected(rv == CKR_OK ? CKR_ATTRIBUTE_TYPE_INVALID : rv);
  }
  Bytes value(asked.ulValueLen);
  asked.pValue = value.data();
  rv = functions_->C_GetAttributeValue(session, object, &asked, 1);
  if (rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  value.resize(asked.ulValueLen);
  return value;
}

Answer<PrivateKey> ModuleClient::privateKey(CK_SESSION_HANDLE session, CK_BYTE id) const {
  CK_OBJECT_CLASS objectClass = CKO_PRIVATE_KEY;
  const auto found =
      find(session, {{CKA_CLASS, &objectClass, sizeof objectClass}, {CKA_ID, &id, 1}});
  if (!found || found->empty()) {
    return tl::unexpected(found ? CKR_KEY_HANDLE_INVALID : found.error());
  }
  PrivateKey key{.handle = found->front()};
  const auto type = attribute(session, key.handle, CKA_KEY_TYPE);
  if (!type || type->size() != sizeof key.type) {
    return tl::unexpected(type ? CKR_ATTRIBUTE_VALUE_INVALID : type.error());
  }
  std::memcpy(&key.type, type->data(), sizeof key.type);
  const auto always = attribute(session, key.handle, CKA_ALWAYS_AUTHENTICATE);
  key.alwaysAuthenticate = always && !always->empty() && always->front() != CK_FALSE;
  return key;
}

Answer<Bytes> ModuleClient::certificate(CK_SESSION_HANDLE session, CK_BYTE id) const {
  CK_OBJECT_CLASS objectClass = CKO_CERTIFICATE;
  const auto found =
      find(session, {{CKA_CLASS, &objectClass, sizeof objectClass}, {CKA_ID, &id, 1}});
  if (!found || found->empty()) {
    return tl::unexpected(found ? CKR_OBJECT_HANDLE_INVALID : found.error());
  }
  return attribute(session, found->front(), CKA_VALUE);
}

Answer<Bytes> ModuleClient::sign(CK_SESSION_HANDLE session, const PrivateKey& key, ByteView text,
                                 const std::string& pin) const {
  CK_MECHANISM mechanism{key.type == CKK_RSA ? CKM_SHA256_RSA_PKCS : CKM_ECDSA_SHA256, nullptr, 0};
  if (const CK_RV rv = functions_->C_SignInit(session, &mechanism, key.handle); rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  if (key.alwaysAuthenticate) {
    if (const CK_RV rv = login(session, CKU_CONTEXT_SPECIFIC, pin); rv != CKR_OK) {
      return tl::unexpected(rv);
    }
  }
  Bytes signature(kLongestResult);
  CK_ULONG size = signature.size();
  if (const CK_RV rv =
          functions_->C_Sign(session, unchanged(text), text.size(), signature.data(), &size);
      rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  signature.resize(size);
  return signature;
}

Answer<Bytes> ModuleClient::decrypt(CK_SESSION_HANDLE session, const PrivateKey& key,
                                    ByteView ciphertext) const {
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  if (const CK_RV rv = functions_->C_DecryptInit(session, &mechanism, key.handle); rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  Bytes text(kLongestResult);
  CK_ULONG size = text.size();
  if (const CK_RV rv = functions_->C_Decrypt(session, unchanged(ciphertext), ciphertext.size(),
                                             text.data(), &size);
      rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  text.resize(size);
  return text;
}

Answer<Bytes> ModuleClient::derive(CK_SESSION_HANDLE session, const PrivateKey& key, ByteView point,
                                   CK_ULONG size) const {
  CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), unchanged(point)};
  CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
  CK_OBJECT_CLASS objectClass = CKO_SECRET_KEY;
  CK_KEY_TYPE type = CKK_GENERIC_SECRET;
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  std::array<CK_ATTRIBUTE, 6> wanted{{{CKA_CLASS, &objectClass, sizeof objectClass},
                                      {CKA_KEY_TYPE, &type, sizeof type},
                                      {CKA_TOKEN, &no, sizeof no},
                                      {CKA_SENSITIVE, &no, sizeof no},
                                      {CKA_EXTRACTABLE, &yes, sizeof yes},
                                      {CKA_VALUE_LEN, &size, sizeof size}}};
  CK_OBJECT_HANDLE derived = CK_INVALID_HANDLE;
  if (const CK_RV rv = functions_->C_DeriveKey(session, &mechanism, key.handle, wanted.data(),
                                               wanted.size(), &derived);
      rv != CKR_OK) {
    return tl::unexpected(rv);
  }
  return attribute(session, derived, CKA_VALUE);
}

}  // namespace fncard::test
