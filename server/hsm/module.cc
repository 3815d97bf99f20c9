// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/module.h"

#include <dlfcn.h>

#include <map>
#include <mutex>

namespace fncard::server::hsm {
namespace {

struct Explanation {
  CK_RV rv;
  const char* name;
  const char* advice;
};

constexpr Explanation kExplanations[] = {
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", "check the PIN in hsm.pinFile"},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", "the token's security officer must set a new PIN"},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", "set a new user PIN on the token"},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", "check that the HSM is connected"},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", "initialise the token first"},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", "make the token writable"},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", "check that the HSM is connected"},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", "read the HSM's own log"},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", "the HSM is full: remove old keys"},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", "the HSM has no free session: stop other users of it"},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", "the HSM lacks this algorithm"},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", "the HSM forgot the login: start again"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED",
     "the key was made for another use"},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR",
     "read the HSM's own log; for SoftHSM2 check SOFTHSM2_CONF and the token directory's rights"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", "read the HSM's own log"},
};

tl::unexpected<Error> loadFailed(const std::string& path, const std::string& reason) {
  return tl::unexpected(Error{"The PKCS#11 module " + path + " cannot be used: " + reason +
                              ". Check hsm.module, or install SoftHSM2."});
}

struct Library {
  CK_FUNCTION_LIST* functions = nullptr;
  std::size_t users = 0;
  bool initialisedHere = false;
};
/// C_Finalize and a new C_Initialize must not overlap: the mutex covers both.
struct Registry {
  std::mutex mutex;
  std::map<std::string, Library> libraries;
};
Registry& registry() {
  // never destroyed: a Module that outlives main() still finds it
  static auto* const kRegistry = new Registry;
  return *kRegistry;
}

Result<CK_FUNCTION_LIST*> functionsOf(const std::string& path) {
  // kept loaded until the process ends: libraries under a PKCS#11 module often survive no dlclose
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* const reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc's is per thread
    return loadFailed(path, reason != nullptr ? reason : "unknown reason");
  }
  const auto getFunctionList =
      reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (getFunctionList == nullptr || getFunctionList(&functions) != CKR_OK || functions == nullptr) {
    return loadFailed(path, "it has no C_GetFunctionList");
  }
  return functions;
}

}  // namespace

tl::unexpected<Error> callFailed(const char* call, CK_RV rv) {
  for (const auto& [known, name, advice] : kExplanations) {
    if (known == rv) {
      return tl::unexpected(
          Error{"The HSM refused " + std::string(call) + ": " + name + "; " + advice + "."});
    }
  }
  return tl::unexpected(Error{"The HSM refused " + std::string(call) + " with CK_RV " +
                              std::to_string(rv) + "; look it up in PKCS#11 2.40 §5.1."});
}

Result<std::shared_ptr<Module>> Module::load(const std::string& path) {
  const std::lock_guard lock(registry().mutex);
  Library& library = registry().libraries[path];
  if (library.users == 0) {
    const auto functions = functionsOf(path);
    if (!functions) {
      return tl::unexpected(functions.error());
    }
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV rv = (*functions)->C_Initialize(&arguments);
    if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
      return callFailed("C_Initialize", rv);
    }
    library.functions = *functions;
    library.initialisedHere = rv == CKR_OK;
  }
  ++library.users;
  return std::shared_ptr<Module>(new Module(path, library.functions));
}

Module::~Module() {
  const std::lock_guard lock(registry().mutex);
  Library& library = registry().libraries[path_];
  if (--library.users == 0 && library.initialisedHere) {
    functions_->C_Finalize(nullptr);
  }
}

}  // namespace fncard::server::hsm
