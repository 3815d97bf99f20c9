// SPDX-License-Identifier: Apache-2.0
// One measurement of `scripts/bench pkcs11`, in a process of its own that has nothing but the C++
// runtime besides the module: loads it, lists (and signs), and prints how long that took and what
// memory the process has then, as one line of JSON. Without a module: the memory alone.
// usage: fncard-bench-pkcs11 none|MODULE [list|sign]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/module_client.h"

namespace fncard::test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& sentence) {
  std::fprintf(stderr, "fncard-bench-pkcs11: %s\n", sentence.c_str());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): the only thread
}

template <typename T>
T want(Answer<T> answer, const char* step) {
  if (!answer) {
    fail(std::string(step) + " is refused with " + std::to_string(answer.error()));
  }
  return std::move(*answer);
}

/// A line of /proc/self/smaps_rollup, in KiB.
long kibibytes(const std::string& rollup, const char* name) {
  const auto at = rollup.find(name);
  return at == std::string::npos ? 0 : std::atol(rollup.c_str() + at + std::strlen(name));
}

std::string memory() {
  std::string rollup(4096, '\0');
  std::FILE* file = std::fopen("/proc/self/smaps_rollup", "re");
  if (file == nullptr) {
    fail("this kernel has no smaps_rollup");
  }
  rollup.resize(std::fread(rollup.data(), 1, rollup.size(), file));
  std::fclose(file);
  const long dirty = kibibytes(rollup, "Private_Dirty:");
  return "\"pss-kib\": " + std::to_string(kibibytes(rollup, "Pss:")) +
         ", \"private-kib\": " + std::to_string(dirty + kibibytes(rollup, "Private_Clean:")) +
         ", \"private-dirty-kib\": " + std::to_string(dirty);
}

/// All objects with class and CKA_ID, and the values of certificates.
void list(const ModuleClient& module, CK_SESSION_HANDLE session) {
  int certificates = 0;
  for (const auto object : want(module.find(session), "the search")) {
    CK_OBJECT_CLASS objectClass = 0;
    const Bytes bytes = want(module.attribute(session, object, CKA_CLASS), "CKA_CLASS");
    std::memcpy(&objectClass, bytes.data(), std::min(bytes.size(), sizeof objectClass));
    if (objectClass == CKO_CERTIFICATE) {
      want(module.attribute(session, object, CKA_ID), "CKA_ID");
      certificates +=
          want(module.attribute(session, object, CKA_VALUE), "CKA_VALUE").empty() ? 0 : 1;
    }
  }
  if (certificates < 2) {
    fail("certificates are missing");
  }
}

void sign(const ModuleClient& module, CK_SESSION_HANDLE session) {
  const std::string pin = environment("FNCARD_PIN");
  if (module.login(session, CKU_USER, pin) != CKR_OK) {
    fail("the login fails");
  }
  const auto key = want(module.privateKey(session, kSignatureId), "the signing key");
  want(module.sign(session, key, Bytes{'b', 'e', 'n', 'c', 'h'}, pin), "a signature");
}

void measure(const std::string& path, bool signs) {
  const auto began = Clock::now();
  const auto library = ModuleLibrary::load(path);
  if (!library) {
    fail(library.error());
  }
  const ModuleClient module(library->functions());
  if (module->C_Initialize(nullptr) != CKR_OK) {
    fail("C_Initialize fails");
  }
  const auto slots = want(module.slots(), "C_GetSlotList");
  if (slots.empty()) {
    fail("no token is seen");
  }
  const auto session = want(module.open(slots.front()), "C_OpenSession");
  list(module, session);
  if (signs) {
    sign(module, session);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("{\"seconds\": %.6f, %s}\n", seconds, memory().c_str());
  module->C_Finalize(nullptr);
}

}  // namespace
}  // namespace fncard::test

int main(int argc, char** argv) {
  const std::string module = argc > 1 ? argv[1] : "";
  const std::string phase = argc > 2 ? argv[2] : "list";
  if (module.empty() || (phase != "list" && phase != "sign")) {
    std::fputs("usage: fncard-bench-pkcs11 none|MODULE [list|sign]\n", stderr);
    return 2;
  }
  if (module == "none") {
    std::printf("{%s}\n", fncard::test::memory().c_str());
  } else {
    fncard::test::measure(module, phase == "sign");
  }
  return 0;
}
