// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fncard::agent_link {

/// $FNCARD_AGENT_SOCKET, else $XDG_RUNTIME_DIR/fncard/agent.sock. Empty when neither is set to an
/// absolute path, when the path is too long for a socket (107 bytes), and in a set-user-id program
///, where the variables come from its caller.
std::string socketPath();

}  // namespace fncard::agent_link
