// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/loaded_module.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace fncard::test {
namespace {

ModuleLibrary load() {
  auto library = ModuleLibrary::load(environment("FNCARD_MODULE"));
  if (!library) {
    throw std::runtime_error(library.error());
  }
  return std::move(*library);
}

}  // namespace

LoadedModule::LoadedModule() : library_(load()) {}

void LoadedModule::initialize() const {
  ASSERT_EQ(library_.functions()->C_Initialize(nullptr), CKR_OK);
}
void LoadedModule::finalize() const {
  ASSERT_EQ(library_.functions()->C_Finalize(nullptr), CKR_OK);
}

CK_SESSION_HANDLE LoadedModule::open(CK_SLOT_ID slot) const {
  const auto session = client().open(slot);
  EXPECT_TRUE(session.has_value());
  return session.value_or(CK_INVALID_HANDLE);
}

CK_RV LoadedModule::login(CK_SESSION_HANDLE session, CK_USER_TYPE user) const {
  return client().login(session, user, environment("FNCARD_PIN"));
}

std::vector<CK_OBJECT_HANDLE> LoadedModule::findAll(CK_SESSION_HANDLE session) const {
  const auto found = client().find(session);
  EXPECT_TRUE(found.has_value());
  return found.value_or(std::vector<CK_OBJECT_HANDLE>());
}

PrivateKey LoadedModule::privateKey(CK_SESSION_HANDLE session, CK_BYTE id) const {
  const auto key = client().privateKey(session, id);
  EXPECT_TRUE(key.has_value());
  return key.value_or(PrivateKey());
}

CK_RV LoadedModule::sign(CK_SESSION_HANDLE session, const PrivateKey& key) const {
  const auto signature =
      client().sign(session, key, Bytes{'t', 'e', 'x', 't'}, environment("FNCARD_PIN"));
  return signature ? CKR_OK : signature.error();
}

CK_RV LoadedModule::signFromTheBeginning(int signatures) const {
  if (const CK_RV rv = library_.functions()->C_Initialize(nullptr); rv != CKR_OK) {
    return rv;
  }
  const auto session = open();
  if (const CK_RV rv = login(session); rv != CKR_OK) {
    return rv;
  }
  const auto key = privateKey(session, kSignatureId);
  for (int i = 0; i < signatures; ++i) {
    if (const CK_RV rv = sign(session, key); rv != CKR_OK) {
      return rv;
    }
  }
  return library_.functions()->C_Finalize(nullptr);
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
      "fncard-sim control \"" + environment("FNCARD_SIM_CONTROL") + "\" " + command + " >/dev/null";
  ASSERT_EQ(std::system(line.c_str()), 0) << command;  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

}  // namespace fncard::test
