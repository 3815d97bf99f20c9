// SPDX-License-Identifier: Apache-2.0
#include "agent-link/connect.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "agent-link/peer.h"
#include "agent-link/socket_path.h"

namespace fncard::agent_link {

tl::expected<Descriptor, Error> connectToAgent() {
  const std::string path = socketPath();
  Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (path.empty() || !connection) {
    return tl::unexpected(Error::NoAgent);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    // EAGAIN: more connections wait than the agent's backlog takes (unix(7))
    return tl::unexpected(errno == EAGAIN ? Error::Busy : Error::NoAgent);
  }
  if (!peerOfSameUser(connection.get())) {
    return tl::unexpected(Error::Refused);
  }
  return connection;
}

}  // namespace fncard::agent_link
