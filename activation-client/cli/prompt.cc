// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace fncard::activation_client {
namespace {

constexpr std::size_t kMaxLine = 128;
constexpr std::array<int, 4> kEndingSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// What a signal handler needs to give the terminal its echo back.
int echoTerminal = -1;
termios echoSettings{};

void restoreAndDie(int signal) {
  tcsetattr(echoTerminal, TCSAFLUSH, &echoSettings);  // async-signal-safe by POSIX
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// No echo while it lives, and echo again however the program ends. One at a time.
class WithoutEcho {
 public:
  explicit WithoutEcho(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal, &echoSettings) != 0) {
      return;
    }
    changed_ = true;
    echoTerminal = terminal;
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i) {
      struct sigaction action {};
      action.sa_handler = restoreAndDie;
      sigaction(kEndingSignals.at(i), &action, &before_.at(i));
    }
    termios silent = echoSettings;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal, TCSAFLUSH, &silent);
  }
  ~WithoutEcho() {
    if (!changed_) {
      return;
    }
    tcsetattr(terminal_, TCSAFLUSH, &echoSettings);
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i) {
      sigaction(kEndingSignals.at(i), &before_.at(i), nullptr);
    }
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  int terminal_;
  bool changed_ = false;
  std::array<struct sigaction, kEndingSignals.size()> before_{};
};

}  // namespace

Prompt::Prompt()
    : interactive_(isatty(STDIN_FILENO) == 1), input_(STDIN_FILENO), output_(STDERR_FILENO) {
  if (interactive_) {
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal >= 0) {
      input_ = terminal;
      output_ = terminal;
    }
  }
}

Prompt::~Prompt() {
  if (input_ != STDIN_FILENO) {
    close(input_);
  }
}

void Prompt::tell(const std::string& text) const {
  if (interactive_) {
    [[maybe_unused]] const ssize_t written = write(output_, text.data(), text.size());
  }
}

// Byte by byte with read(): no buffer of the C or C++ library keeps a copy of a secret.
card::Result<card::SecretBytes> Prompt::readLine() const {
  card::SecretBytes line(kMaxLine);
  std::size_t size = 0;
  while (true) {
    std::uint8_t byte = 0;
    const ssize_t count = read(input_, &byte, 1);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0 && size == 0) {
      return card::failed(card::ErrorCode::Cancelled, "end of input");
    }
    if (count <= 0 || byte == '\n') {
      break;
    }
    if (size == kMaxLine) {
      return card::failed(card::ErrorCode::Cancelled, "line too long");
    }
    line.bytes()[size++] = byte;
  }
  if (size > 0 && line.bytes()[size - 1] == '\r') {
    --size;
  }
  return size == 0 ? card::SecretBytes() : card::SecretBytes::take(line.bytes().first(size));
}

card::Result<card::SecretBytes> Prompt::secret(const std::string& question) {
  if (!interactive_) {
    return readLine();
  }
  const WithoutEcho silence(input_);
  tell(question + " ");
  auto line = readLine();
  tell("\n");
  return line;
}

card::Result<std::string> Prompt::line(const std::string& question) {
  tell(question + " ");
  const auto line = readLine();
  if (!line) {
    return tl::unexpected(line.error());
  }
  const ByteView bytes = line->bytes();
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace fncard::activation_client
