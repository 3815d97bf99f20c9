// SPDX-License-Identifier: Apache-2.0
#include "tests/net/raw_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

namespace fncard::net {

RawConnection::RawConnection(std::uint16_t port, const char* from)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = inet_addr(from);
  EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&source), sizeof source), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawConnection::~RawConnection() {
  close(socket_);
}

bool RawConnection::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawConnection::endSending() {
  shutdown(socket_, SHUT_WR);
}

std::string RawConnection::readAll() {
  return readUntil({});
}

std::string RawConnection::readUntil(std::string_view end) {
  std::string text;
  while (end.empty() || text.find(end) == std::string::npos) {
    char part[4096];
    const ssize_t count = recv(socket_, part, end.empty() ? sizeof part : 1, 0);
    if (count < 0) {
      return text + (errno == ECONNRESET ? "(reset)" : "(gave up)");
    }
    if (count == 0) {
      break;
    }
    text.append(part, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace fncard::net
