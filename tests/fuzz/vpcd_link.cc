// SPDX-License-Identifier: Apache-2.0
// The link to the reader driver: messages come out as they were framed, a torn one ends the
// connection, and what is sent is framed the same.
#include "hw-sim/vpcd_link.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "tests/fuzz/input.h"

namespace {

using namespace fncard;

/// More than the buffer of a socket would make this process wait for itself.
constexpr std::size_t kMaxInput = 100'000;
/// Each costs system calls, and more of them find nothing more.
constexpr int kMaxMessages = 64;

Bytes readAll(int socket) {
  Bytes all;
  std::array<std::uint8_t, 4096> piece{};
  for (ssize_t size = 0; (size = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT)) > 0;) {
    all.insert(all.end(), piece.begin(), piece.begin() + size);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > kMaxInput) {
    return -1;
  }
  std::array<int, 2> sockets{};
  fuzz::require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0,
                "a pair of sockets can be had");
  const hw_sim::Descriptor driver(sockets[0]);
  hw_sim::VpcdLink link{hw_sim::Descriptor(sockets[1])};
  fuzz::require(size == 0 || ::send(driver.get(), bytes, size, 0) == static_cast<ssize_t>(size),
                "the input fits the socket's buffer");
  ::shutdown(driver.get(), SHUT_WR);

  fuzz::Input input(bytes, size);
  Bytes echoed;
  for (int count = 0; const auto message = link.receive(); ++count) {
    if (count == kMaxMessages) {
      return 0;
    }
    fuzz::require(input.rest().size() >= 2 + message->size(), "a message was sent whole");
    const ByteView expected = input.record();
    fuzz::require(std::ranges::equal(*message, expected), "a message is what was sent");
    if (echoed.empty() && link.send(*message)) {
      echoed = readAll(driver.get());
      fuzz::require(std::ranges::equal(echoed, ByteView(bytes, 2 + message->size())),
                    "what is sent is framed the same");
    }
  }
  fuzz::require(!link.connected(), "no message means no connection");
  fuzz::require(
      input.rest().size() < 2 ||
          input.rest().size() < 2 + (std::size_t{input.rest()[0]} << 8U | input.rest()[1]),
      "no whole message is lost");
  return 0;
}
