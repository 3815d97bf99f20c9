// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "net/client.h"

namespace {

using fncard::net::Client;

class SandboxProgram : public ::testing::Test {
 protected:
  SandboxProgram() {
    std::string name = (std::filesystem::temp_directory_path() / "fncard-sandbox-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~SandboxProgram() override {
    if (output_ >= 0) {
      close(output_);
    }
    std::filesystem::remove_all(folder_);
  }

  /// Its standard output can then be read from output_.
  pid_t start(std::vector<std::string> words) {
    if (output_ >= 0) {
      close(output_);
    }
    int pipeEnds[2] = {-1, -1};
    EXPECT_EQ(pipe(pipeEnds), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipeEnds[0]);
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_t child = -1;
    EXPECT_EQ(posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipeEnds[1]);
    output_ = pipeEnds[0];
    return child;
  }
  /// Up to a line's end, or all there is when the program ends before.
  [[nodiscard]] std::string readLine() const {
    std::string line;
    char c = 0;
    while (read(output_, &c, 1) == 1 && c != '\n') {
      line += c;
    }
    return line;
  }
  static int exitCode(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void runsUntilStopped(const std::string& program, const std::string& path) {
    const std::string portFile = folder_ / "port";
    const pid_t child = start({program, "--port-file", portFile});
    const std::string ready = readLine();
    std::ifstream file(portFile);
    std::string port;
    file >> port;
    EXPECT_TRUE(ready.ends_with("listens on http://127.0.0.1:" + port)) << ready;
    const auto answer = Client({}).get("http://127.0.0.1:" + port + path);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(kill(child, SIGTERM), 0);
    EXPECT_EQ(exitCode(child), 0);
    // nothing unfinished is left beside the port file
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  }

  std::filesystem::path folder_;
  int output_ = -1;
};

TEST_F(SandboxProgram, TheRegistryServesFromItsReadyLineUntilItIsTerminated) {
  runsUntilStopped(SANDBOX_REGISTRY, "/permits/A800000014");
}

TEST_F(SandboxProgram, TheGatewayServesFromItsReadyLineUntilItIsTerminated) {
  runsUntilStopped(SANDBOX_GATEWAY, "/sandbox/trades");
}

TEST_F(SandboxProgram, ExitCodesTellWrongUsageFromFailure) {
  EXPECT_EQ(exitCode(start({SANDBOX_REGISTRY, "--nonsense"})), 2);
  EXPECT_EQ(exitCode(start({SANDBOX_GATEWAY, "--port", "65536"})), 2);
  EXPECT_EQ(exitCode(start({SANDBOX_REGISTRY, "--table", folder_ / "none.json"})), 1);
  EXPECT_EQ(exitCode(start({SANDBOX_GATEWAY, "--port-file", folder_ / "no" / "port"})), 1);
}

TEST_F(SandboxProgram, HelpHasExamplesAndTheVersionIsNamed) {
  const pid_t help = start({SANDBOX_GATEWAY, "--help"});
  std::string all;
  for (std::string line = readLine(); !line.starts_with("Exit codes"); line = readLine()) {
    ASSERT_LT(all.size(), 100'000U);
    all += line + "\n";
  }
  EXPECT_NE(all.find("Examples:"), std::string::npos);
  EXPECT_EQ(exitCode(help), 0);
  const pid_t version = start({SANDBOX_REGISTRY, "--version"});
  EXPECT_EQ(readLine(), "fncard-sandbox-registry " FNCARD_VERSION);
  EXPECT_EQ(exitCode(version), 0);
}

}  // namespace
