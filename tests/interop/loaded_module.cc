// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/loaded_module.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace fncard::test {

std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? std::string() : value;
}

LoadedModule::LoadedModule() {
  void* library = dlopen(environment("FNCARD_MODULE").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw std::runtime_error("FNCARD_MODULE cannot be loaded");
  }
  const auto getList = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST_PTR list = nullptr;
  if (getList == nullptr || getList(&list) != CKR_OK) {
    throw std::runtime_error("no C_GetFunctionList");
  }
  functions_ = list;
}

void LoadedModule::initialize() const {
  ASSERT_EQ(functions_->C_Initialize(nullptr), CKR_OK);
}
void LoadedModule::finalize() const {
  ASSERT_EQ(functions_->C_Finalize(nullptr), CKR_OK);
}

CK_SESSION_HANDLE LoadedModule::open(CK_SLOT_ID slot) const {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  EXPECT_EQ(functions_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session),
            CKR_OK);
  return session;
}

CK_RV LoadedModule::login(CK_SESSION_HANDLE session, CK_USER_TYPE user) const {
  std::string pin = environment("FNCARD_PIN");
  return functions_->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR_PTR>(pin.data()),
                             pin.size());
}

std::vector<CK_OBJECT_HANDLE> LoadedModule::findAll(CK_SESSION_HANDLE session) const {
  std::vector<CK_OBJECT_HANDLE> found(32);
  CK_ULONG count = 0;
  EXPECT_EQ(functions_->C_FindObjectsInit(session, nullptr, 0), CKR_OK);
  EXPECT_EQ(functions_->C_FindObjects(session, found.data(), found.size(), &count), CKR_OK);
  EXPECT_EQ(functions_->C_FindObjectsFinal(session), CKR_OK);
  found.resize(count);
  return found;
}

CK_OBJECT_HANDLE LoadedModule::privateKey(CK_SESSION_HANDLE session, CK_BYTE id) const {
  CK_OBJECT_CLASS objectClass = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &objectClass, sizeof(objectClass)}, {CKA_ID, &id, 1}};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  if (functions_->C_FindObjectsInit(session, wanted, 2) == CKR_OK) {
    functions_->C_FindObjects(session, &key, 1, &count);
    functions_->C_FindObjectsFinal(session);
  }
  return key;
}

CK_RV LoadedModule::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) const {
  CK_ATTRIBUTE type{CKA_KEY_TYPE, nullptr, 0};
  CK_KEY_TYPE keyType = 0;
  type.pValue = &keyType;
  type.ulValueLen = sizeof(keyType);
  if (const CK_RV rv = functions_->C_GetAttributeValue(session, key, &type, 1); rv != CKR_OK) {
    return rv;
  }
  CK_MECHANISM mechanism{keyType == CKK_RSA ? CKM_SHA256_RSA_PKCS : CKM_ECDSA_SHA256, nullptr, 0};
  if (const CK_RV rv = functions_->C_SignInit(session, &mechanism, key); rv != CKR_OK) {
    return rv;
  }
  if (const CK_RV rv = login(session, CKU_CONTEXT_SPECIFIC); rv != CKR_OK) {
    return rv;
  }
  CK_BYTE text[] = "text";
  CK_BYTE signature[512];
  CK_ULONG size = sizeof(signature);
  return functions_->C_Sign(session, text, 4, signature, &size);
}

CK_RV LoadedModule::signFromTheBeginning(int signatures) const {
  if (const CK_RV rv = functions_->C_Initialize(nullptr); rv != CKR_OK) {
    return rv;
  }
  const auto session = open();
  if (const CK_RV rv = login(session); rv != CKR_OK) {
    return rv;
  }
  const auto key = privateKey(session, 2);
  for (int i = 0; i < signatures; ++i) {
    if (const CK_RV rv = sign(session, key); rv != CKR_OK) {
      return rv;
    }
  }
  return functions_->C_Finalize(nullptr);
}

std::size_t apduCount() {
  std::ifstream log(environment("FNCARD_APDU_LOG"));
  std::size_t count = 0;
  for (std::string line; std::getline(log, line);) {
    count += line.starts_with("> ") ? 1 : 0;
  }
  return count;
}

void simulator(const std::string& command) {
  const std::string line =
      "fncard-sim control \"" + environment("FNCARD_SIM_CONTROL") + "\" " + command;
  ASSERT_EQ(std::system(line.c_str()), 0) << command;  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

}  // namespace fncard::test
