// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/program.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace fncard::server::sandbox {
namespace {

constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;

bool writePort(const std::string& path, std::uint16_t port) {
  const std::string unfinished = path + "." + std::to_string(getpid()) + ".part";
  std::error_code error;
  {
    std::ofstream file(unfinished, std::ios::trunc);
    file << port << "\n";
    file.close();
    if (!file) {
      std::filesystem::remove(unfinished, error);
      return false;
    }
  }
  std::filesystem::rename(unfinished, path, error);
  return !error;
}

}  // namespace

int runUntilStopped(const std::string& program, const std::string& portFile,
                    const std::function<net::Result<std::unique_ptr<net::Server>>()>& start) {
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  // before the server's threads are made, so that none of them takes the signal
  pthread_sigmask(SIG_BLOCK, &stopping, nullptr);
  const auto server = start();
  if (!server) {
    std::cerr << program << ": cannot start: " << server.error().detail << ".\n";
    return 1;
  }
  const std::uint16_t port = (*server)->port();
  if (!portFile.empty() && !writePort(portFile, port)) {
    std::cerr << program << ": the file " << portFile << " cannot be written.\n";
    return 1;
  }
  std::cout << program << " listens on http://127.0.0.1:" << port << std::endl;
  int signal = 0;
  sigwait(&stopping, &signal);
  (*server)->stop();
  return 0;
}

std::optional<std::string> readTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  if (file.bad() || !file.eof() || size > kMaxFileBytes) {
    return std::nullopt;
  }
  text.resize(size);
  return text;
}

}  // namespace fncard::server::sandbox
