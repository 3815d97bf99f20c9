// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace fncard::pkcs11 {

namespace {
std::atomic<bool> enabled{false};
}

void configureLog() {
  const char* wish = secure_getenv("FNCARD_LOG");
  enabled = wish != nullptr && std::string_view(wish) == "debug";
}

bool logEnabled() {
  return enabled;
}

void logCall(std::string_view function, CK_RV rv, std::chrono::microseconds took,
             std::string_view detail) {
  char code[2 + 2 * sizeof(CK_RV) + 1];
  std::snprintf(code, sizeof(code), "0x%lX", rv);
  std::string line = "fncard-pkcs11[" + std::to_string(getpid()) + "] ";
  line.append(function).append(" ").append(code).append(" ");
  line.append(std::to_string(took.count())).append(" us");
  if (!detail.empty()) {
    line.append(": ").append(detail);
  }
  line.push_back('\n');
  // one write a line, so that lines of several threads do not mix
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace fncard::pkcs11
