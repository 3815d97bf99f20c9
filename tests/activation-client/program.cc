// SPDX-License-Identifier: Apache-2.0
#include "tests/activation-client/program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

namespace fncard::activation_client {
namespace {

[[noreturn]] void become(const std::vector<std::string>& arguments,
                         const Environment& environment) {
  for (const auto& [name, value] : environment) {
    setenv(name.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): the child is alone
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

int waitFor(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string readAll(int from) {
  std::string text;
  char part[4096];
  for (ssize_t count = read(from, part, sizeof part); count > 0;
       count = read(from, part, sizeof part)) {
    text.append(part, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

Ended runProgram(const std::vector<std::string>& arguments, const std::string& input,
                 const Environment& environment) {
  std::signal(SIGPIPE, SIG_IGN);
  int in[2];
  int out[2];
  int err[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
    return {};
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    become(arguments, environment);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  [[maybe_unused]] const ssize_t written = write(in[1], input.data(), input.size());
  close(in[1]);
  Ended ended;
  std::thread errors([&] { ended.errors = readAll(err[0]); });
  ended.output = readAll(out[0]);
  errors.join();
  close(out[0]);
  close(err[0]);
  ended.exitCode = waitFor(child);
  return ended;
}

Ended runOnTerminal(const std::vector<std::string>& arguments,
                    const std::vector<std::pair<std::string, std::string>>& dialogue,
                    const Environment& environment) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    become(arguments, environment);
  }
  Ended ended;
  std::size_t seen = 0;
  for (const auto& [question, answer] : dialogue) {
    std::size_t place = std::string::npos;
    while ((place = ended.output.find(question, seen)) == std::string::npos) {
      char part[4096];
      const ssize_t count = read(terminal, part, sizeof part);
      if (count <= 0) {
        break;
      }
      ended.output.append(part, static_cast<std::size_t>(count));
    }
    if (place == std::string::npos) {
      ended.errors = "never asked: " + question;
      break;
    }
    seen = place + question.size();
    const std::string line = answer + "\n";
    [[maybe_unused]] const ssize_t written = write(terminal, line.data(), line.size());
  }
  ended.output += readAll(terminal);
  close(terminal);
  ended.exitCode = waitFor(child);
  return ended;
}

}  // namespace fncard::activation_client
