// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "agent-link/descriptor.h"
#include "agent-link/peer.h"

namespace fncard::agent_link {

struct ListenError {
  enum class Kind {
    AlreadyRunning,  ///< another agent of this user listens there
    BadFolder,       ///< the socket's folder is not this user's alone (mode 0700)
    Failed,
  };
  Kind kind = Kind::Failed;
  std::string detail;  ///< the path, and for Failed what the system said
};

/// A connection that does not block, from a process of this user.
struct Connection {
  Descriptor socket;
  Peer peer;
};

/// The agent's end of the socket: one a user, held by a lock beside it, which also tells a socket
/// that a dead agent left. The socket goes away with it.
class Listener {
 public:
  /// Makes the folder where it is missing. path is absolute, as socketPath() gives it.
  static tl::expected<Listener, ListenError> open(const std::string& path);

  ~Listener();
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;

  /// Readable when somebody waits; to be watched by an event loop.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

  /// The next that waits. Nothing when nobody does, and when it was another user, who is cut off.
  std::optional<Connection> accept();

 private:
  Listener(std::string path, Descriptor lock, Descriptor socket)
      : path_(std::move(path)), lock_(std::move(lock)), socket_(std::move(socket)) {}

  std::string path_;
  Descriptor lock_;
  Descriptor socket_;
};

}  // namespace fncard::agent_link
