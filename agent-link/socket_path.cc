// SPDX-License-Identifier: Apache-2.0
#include "agent-link/socket_path.h"

#include <stdlib.h>
#include <sys/un.h>

#include <string_view>

namespace fncard::agent_link {
namespace {

std::string absolutePath(const char* variable, std::string_view below) {
  const char* value = secure_getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value != nullptr && *value == '/' ? std::string(value).append(below) : std::string();
}

}  // namespace

std::string socketPath() {
  std::string path = absolutePath("FNCARD_AGENT_SOCKET", "");
  if (path.empty()) {
    path = absolutePath("XDG_RUNTIME_DIR", "/fncard/agent.sock");
  }
  return path.size() < sizeof(sockaddr_un::sun_path) ? path : std::string();
}

}  // namespace fncard::agent_link
