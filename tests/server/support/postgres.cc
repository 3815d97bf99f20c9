// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support/postgres.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace fncard::server::testing {
namespace {

constexpr int kSkipped = 77;

std::string readLine(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') {
    line += c;
  }
  return line;
}

}  // namespace

Postgres& Postgres::instance() {
  static Postgres postgres;
  return postgres;
}

Postgres::Postgres() {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::string program = FNCARD_TEST_POSTGRES;
  std::array<char*, 2> arguments = {program.data(), nullptr};
  const int spawned =
      ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  host_ = spawned == 0 ? readLine(output[0]) : std::string();
  ::close(output[0]);
  if (!host_.empty()) {
    return;
  }
  int status = 0;
  if (spawned == 0 && ::waitpid(process_, &status, 0) == process_ && WIFEXITED(status) &&
      WEXITSTATUS(status) == kSkipped) {
    std::fputs("skipped: this machine has no PostgreSQL (package postgresql)\n", stderr);
    std::_Exit(kSkipped);
  }
  throw std::runtime_error("PostgreSQL does not start");
}

Postgres::~Postgres() {
  ::close(input_);
  ::waitpid(process_, nullptr, 0);
}

std::string Postgres::create() {
  std::string name = "test" + std::to_string(++databases_);
  outputOf("psql -X -q -h '" + host_ + "' -U fncard -d postgres -c 'CREATE DATABASE " + name +
           " TEMPLATE template0'");
  return name;
}

std::string outputOf(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> part{};
  for (std::size_t size = 1; pipe != nullptr && size > 0;) {
    size = std::fread(part.data(), 1, part.size(), pipe);
    text.append(part.data(), size);
  }
  EXPECT_EQ(pipe == nullptr ? -1 : ::pclose(pipe), 0) << command << "\n" << text;
  return text;
}

}  // namespace fncard::server::testing
