// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/vpcd_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace fncard::hw_sim {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kMessageLimit{5};
constexpr std::chrono::seconds kRemovalLimit{2};

bool readable(int socket, Clock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd item{.fd = socket, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&item, 1, static_cast<int>(left > 0 ? left : 0));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    return ready > 0;
  }
}

void setOption(int socket, int option) {
  const int on = 1;
  (void)::setsockopt(socket, IPPROTO_TCP, option, &on, sizeof on);
}

}  // namespace

Descriptor VpcdLink::open() const {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  if (::inet_pton(AF_INET, host_.c_str(), &address.sin_addr) != 1) {
    return {};
  }
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid() ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  setOption(socket.get(), TCP_NODELAY);
  return socket;
}

bool VpcdLink::connect() {
  if (!socket_.valid()) {
    socket_ = open();
  }
  return socket_.valid();
}

bool VpcdLink::readExactly(std::uint8_t* out, std::size_t size) {
  const auto until = Clock::now() + kMessageLimit;
  std::size_t done = 0;
  while (done < size) {
    // vpcd writes length and body separately; an acknowledgement that waits costs 40 ms, and the
    // kernel falls back to waiting after each receive
    setOption(socket_.get(), TCP_QUICKACK);
    if (!readable(socket_.get(), until)) {
      return false;
    }
    const ssize_t count = ::recv(socket_.get(), out + done, size - done, 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    done += static_cast<std::size_t>(count);
  }
  setOption(socket_.get(), TCP_QUICKACK);
  return true;
}

std::optional<Bytes> VpcdLink::receive() {
  std::array<std::uint8_t, 2> length{};
  if (!readExactly(length.data(), length.size())) {
    socket_.reset();
    return std::nullopt;
  }
  Bytes message(static_cast<std::size_t>(length[0]) << 8U | length[1]);
  if (!readExactly(message.data(), message.size())) {
    socket_.reset();
    return std::nullopt;
  }
  return message;
}

bool VpcdLink::send(ByteView message) {
  if (message.size() > 0xFFFF) {
    return false;
  }
  Bytes out{static_cast<std::uint8_t>(message.size() >> 8U),
            static_cast<std::uint8_t>(message.size())};
  out.insert(out.end(), message.begin(), message.end());
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::send(socket_.get(), out.data() + done, out.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      socket_.reset();
      return false;
    }
    done += static_cast<std::size_t>(count);
  }
  return true;
}

/// Says that nothing more will come, and waits until the driver has read that and hung up too.
void VpcdLink::hangUp() {
  if (!socket_.valid()) {
    return;
  }
  (void)::shutdown(socket_.get(), SHUT_WR);
  const auto until = Clock::now() + kRemovalLimit;
  std::array<std::uint8_t, 256> ignored{};
  while (readable(socket_.get(), until) &&
         ::recv(socket_.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
  socket_.reset();
}

void VpcdLink::interrupt() {
  // made before the old connection ends, so that the driver never finds its slot empty
  Descriptor next = open();
  hangUp();
  socket_ = std::move(next);
}

void VpcdLink::disconnect(During during) {
  hangUp();
  // The driver reads an idle connection only to ask whether the card is there, so the slot is known
  // to be empty. A command only failed: let the driver find out by a connection that is dead too.
  if (during == During::Command && connect()) {
    hangUp();
  }
}

}  // namespace fncard::hw_sim
