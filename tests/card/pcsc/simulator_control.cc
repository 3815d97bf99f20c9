// SPDX-License-Identifier: Apache-2.0
#include "tests/card/pcsc/simulator_control.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

namespace fncard::card::testing {

std::string fromEnvironment(const char* name) {
  const char* value = getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody writes it by now
  EXPECT_NE(value, nullptr) << name << " is not set: run this program with scripts/with-card";
  return value == nullptr ? "" : value;
}

void control(const std::string& command) {
  const std::string path = fromEnvironment("FNCARD_SIM_CONTROL");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string line = command + "\n";
  ASSERT_EQ(::send(socket, line.data(), line.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(line.size()));
  std::array<char, 256> answer{};
  const ssize_t size = ::recv(socket, answer.data(), answer.size() - 1, 0);
  ::close(socket);
  ASSERT_GT(size, 0);
  EXPECT_STREQ(answer.data(), "ok\n") << command;
}

int exchangesInLog() {
  std::ifstream log(fromEnvironment("FNCARD_APDU_LOG"));
  int count = 0;
  for (std::string line; std::getline(log, line);) {
    count += line.empty() || line[0] == '#' ? 0 : 1;
  }
  return count;
}

}  // namespace fncard::card::testing
