// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>

namespace fncard::agent_link {

/// The process at the other end of a connection when it was made, as the kernel says
/// (SO_PEERCRED, unix(7)).
struct Peer {
  uid_t user = 0;
  pid_t process = 0;
};

/// The peer of a connected socket when it is this process's user; nothing for anybody else, the
/// superuser too.
std::optional<Peer> peerOfSameUser(int socket);

}  // namespace fncard::agent_link
