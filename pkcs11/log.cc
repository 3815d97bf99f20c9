// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <string>

namespace fncard::pkcs11 {

namespace {

constexpr std::string_view kDebug = "debug";
constexpr std::string_view kDebugTo = "debug:";

/// Where lines go: a path, or empty for the standard error stream; null when the log is off. Never
/// freed: another thread may be writing. The environment is not read again, because a host may
/// change it in another thread.
std::atomic<const std::string*> target{nullptr};

/// Opened for each line, so that no descriptor stays with the host. Only a regular file of this
/// user, never through a link that someone else may have laid.
void append(const std::string& path, std::string_view line) {
  const int file = open(
      path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
      S_IRUSR | S_IWUSR);
  if (file < 0) {
    return;
  }
  struct stat found {};
  if (fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid()) {
    // a line that is not written is a line of the log less
    static_cast<void>(!write(file, line.data(), line.size()));
  }
  close(file);
}

}  // namespace

void configureLog() {
  const char* value = secure_getenv("FNCARD_LOG");
  const std::string_view wish = value == nullptr ? std::string_view() : std::string_view(value);
  if (wish != kDebug && (!wish.starts_with(kDebugTo) || wish == kDebugTo)) {
    target = nullptr;
    return;
  }
  const std::string_view path = wish == kDebug ? std::string_view() : wish.substr(kDebugTo.size());
  static auto& mutex = *new std::mutex;  // for the host's exit handlers too
  static auto& known = *new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  target = &*known.emplace(path).first;
}

bool logEnabled() {
  return target != nullptr;
}

void logLine(std::string_view text) {
  const std::string* const path = target;
  if (path == nullptr) {
    return;
  }
  std::string line = "fncard-pkcs11[" + std::to_string(getpid()) + "] ";
  line.append(text).push_back('\n');
  // one write a line, so that lines of several threads do not mix
  if (path->empty()) {
    std::fwrite(line.data(), 1, line.size(), stderr);
  } else {
    append(*path, line);
  }
}

void logCall(std::string_view function, CK_RV rv, std::chrono::microseconds took,
             std::string_view detail) {
  std::string text(function);
  text.push_back(' ');
  if (const std::string_view name = nameOf(rv); !name.empty()) {
    text.append(name);
  } else {
    char code[2 + 2 * sizeof(CK_RV) + 1];
    std::snprintf(code, sizeof(code), "0x%lX", rv);
    text.append(code);
  }
  text.append(" ").append(std::to_string(took.count())).append(" us");
  if (!detail.empty()) {
    text.append(": ").append(detail);
  }
  logLine(text);
}

}  // namespace fncard::pkcs11
