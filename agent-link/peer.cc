// SPDX-License-Identifier: Apache-2.0
#include "agent-link/peer.h"

#include <sys/socket.h>
#include <unistd.h>

namespace fncard::agent_link {

std::optional<Peer> peerOfSameUser(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof credentials || credentials.uid != geteuid()) {
    return std::nullopt;
  }
  return Peer{.user = credentials.uid, .process = credentials.pid};
}

}  // namespace fncard::agent_link
