// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "agent/native/callers.h"
#include "agent/native/relay.h"

namespace {

using namespace fncard;
using namespace std::chrono_literals;

enum ExitCode { Done = 0, Failed = 1, WrongUsage = 2 };

constexpr auto kStartLimit = 10s;
constexpr const char* kHelp =
    R"(usage: fncard-native-host ORIGIN | MANIFEST EXTENSION

Started by Chromium or Firefox for the extension of fncard, never by hand: passes one message from standard input to the
running fncard-agent of this user, and the answer to standard output. Starts the agent where none runs.

Example, as Firefox does it:
  fncard-native-host /usr/lib/mozilla/native-messaging-hosts/fncard.json fncard@fncard.example

Exit codes: 0 answered, 1 the browser went away, 2 started by something else.
)";

/// The agent beside this program.
std::string agentFile() {
  std::array<char, 4096> target{};
  const ssize_t size = readlink("/proc/self/exe", target.data(), target.size());
  const std::string_view self(target.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(self.substr(0, self.rfind('/') + 1)) + "fncard-agent";
}

/// In a session of its own, for it stays when the browser ends; without our pipes, which belong to
/// the browser.
bool startAgent() {
  const std::string file = agentFile();
  std::array<char*, 2> arguments = {const_cast<char*>(file.c_str()), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
  }
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t ownOnly;  // what this program ignores, the agent does not
  sigemptyset(&ownOnly);
  sigaddset(&ownOnly, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &ownOnly);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  pid_t process = 0;
  const int error =
      posix_spawn(&process, file.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(argv + 1,
                                               static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  if (arguments.size() == 1 && arguments[0] == std::string_view("--help")) {
    (void)std::fputs(kHelp, stdout);
    return Done;
  }
  if (arguments.size() == 1 && arguments[0] == std::string_view("--version")) {
    (void)std::puts("fncard-native-host " FNCARD_VERSION);
    return Done;
  }
  const auto language = messages::ofEnvironment();
  if (!agent::native::isOurExtension(arguments)) {
    (void)std::fprintf(stderr, "fncard-native-host: %s\n",
                       messages::text(language, "agent.host-wrong-caller").c_str());
    return WrongUsage;
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
  const agent::native::Relay relay{
      .language = language, .startAgent = startAgent, .startLimit = kStartLimit};
  return relay.run() ? Done : Failed;
}
