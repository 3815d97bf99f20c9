// SPDX-License-Identifier: Apache-2.0
// The control socket: one line in, one line out. What the lines mean: commands.cc.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "hw-sim/simulator.h"

namespace fncard::hw_sim {
namespace {

constexpr std::size_t kMaxClients = 8;
constexpr std::size_t kMaxLine = 4'096;
constexpr int kClientTimeoutSeconds = 10;

std::optional<sockaddr_un> addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return std::nullopt;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool sendLine(int socket, const std::string& text) {
  const std::string line = text + "\n";
  return ::send(socket, line.data(), line.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(line.size());
}

}  // namespace

tl::expected<void, std::string> Simulator::listen() {
  const auto address = addressOf(options_.controlSocket);
  if (!address) {
    return tl::unexpected("the path " + options_.controlSocket + " is too long for a socket");
  }
  // a socket that an earlier run left is taken away, a file that was named by mistake is not
  struct stat there {};
  if (::lstat(options_.controlSocket.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) {
    ::unlink(options_.controlSocket.c_str());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const mode_t before = ::umask(0077);
  const bool bound =
      socket.valid() && ::bind(socket.get(), generic(*address), sizeof *address) == 0;
  ::umask(before);
  if (!bound || ::listen(socket.get(), kMaxClients) != 0) {
    return tl::unexpected("the control socket " + options_.controlSocket + " cannot be made");
  }
  listener_ = std::move(socket);
  return {};
}

void Simulator::acceptClient() {
  Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.valid() && clients_.size() < kMaxClients) {
    clients_.push_back({.socket = std::move(socket), .line = {}});
  }
}

bool Simulator::serveClient(Client& client) {
  std::array<char, 512> chunk{};
  const ssize_t size = ::recv(client.socket.get(), chunk.data(), chunk.size(), 0);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) {
    return true;
  }
  if (size <= 0) {
    return false;
  }
  client.line.append(chunk.data(), static_cast<std::size_t>(size));
  for (auto end = client.line.find('\n'); end != std::string::npos; end = client.line.find('\n')) {
    const std::string line = client.line.substr(0, end);
    client.line.erase(0, end + 1);
    if (!sendLine(client.socket.get(), control(line))) {
      return false;
    }
  }
  return client.line.size() <= kMaxLine;
}

tl::expected<std::string, std::string> sendControl(const std::string& socketPath,
                                                   const std::string& line) {
  const auto address = addressOf(socketPath);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address || !socket.valid() ||
      ::connect(socket.get(), generic(*address), sizeof *address) != 0) {
    return tl::unexpected("no simulator answers at " + socketPath);
  }
  const timeval limit{.tv_sec = kClientTimeoutSeconds, .tv_usec = 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string answer;
  if (sendLine(socket.get(), line)) {
    std::array<char, 512> chunk{};
    while (answer.find('\n') == std::string::npos && answer.size() <= kMaxLine) {
      const ssize_t size = ::recv(socket.get(), chunk.data(), chunk.size(), 0);
      if (size < 0 && errno == EINTR) {
        continue;
      }
      if (size <= 0) {
        break;
      }
      answer.append(chunk.data(), static_cast<std::size_t>(size));
    }
  }
  const auto end = answer.find('\n');
  if (end == std::string::npos) {
    return tl::unexpected("the simulator at " + socketPath + " did not answer");
  }
  return answer.substr(0, end);
}

}  // namespace fncard::hw_sim
