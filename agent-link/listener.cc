// SPDX-License-Identifier: Apache-2.0
#include "agent-link/listener.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace fncard::agent_link {
namespace {

constexpr int kBacklog = 16;

tl::unexpected<ListenError> failed(const std::string& path) {
  return tl::unexpected(
      ListenError{.kind = ListenError::Kind::Failed,
                  .detail = path + ": " + std::generic_category().message(errno)});
}

/// Makes the folder, or takes it as it is when nobody else can look into it.
tl::expected<void, ListenError> prepareFolder(const std::string& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return failed(path);
  }
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!folder || fstat(folder.get(), &status) != 0 || status.st_uid != geteuid() ||
      (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return tl::unexpected(ListenError{.kind = ListenError::Kind::BadFolder, .detail = path});
  }
  return {};
}

tl::expected<Descriptor, ListenError> takeLock(const std::string& path) {
  Descriptor lock(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!lock) {
    return failed(path);
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return tl::unexpected(ListenError{.kind = ListenError::Kind::AlreadyRunning, .detail = path});
  }
  return lock;
}

tl::expected<Descriptor, ListenError> listenAt(const std::string& path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return failed(path);
  }
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  unlink(path.c_str());  // a dead agent's: the lock is ours
  if (!socket ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || listen(socket.get(), kBacklog) != 0) {
    return failed(path);
  }
  return socket;
}

}  // namespace

tl::expected<Listener, ListenError> Listener::open(const std::string& path) {
  const auto folder = prepareFolder(path.substr(0, path.rfind('/')));
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  auto lock = takeLock(path + ".lock");
  if (!lock) {
    return tl::unexpected(lock.error());
  }
  auto socket = listenAt(path);
  if (!socket) {
    return tl::unexpected(socket.error());
  }
  return Listener(path, std::move(*lock), std::move(*socket));
}

Listener::~Listener() {
  if (socket_) {
    unlink(path_.c_str());  // before the lock goes with the members
  }
}

std::optional<Connection> Listener::accept() {
  Descriptor socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    return std::nullopt;
  }
  const auto peer = peerOfSameUser(socket.get());
  if (!peer) {
    return std::nullopt;
  }
  return Connection{.socket = std::move(socket), .peer = *peer};
}

}  // namespace fncard::agent_link
