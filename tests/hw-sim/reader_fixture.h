// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <thread>

#include "hw-sim/simulator.h"
#include "tests/hw-sim/card_fixture.h"
#include "tests/hw-sim/temporary_folder.h"

namespace fncard::hw_sim::testing {
inline constexpr int kLimitMilliseconds = 10'000;

inline bool readable(int descriptor) {
  pollfd item{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, kLimitMilliseconds) == 1;
}

/// vpcd's side: waits for a card on a port of its own.
class FakeReader {
 public:
  FakeReader() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  bool accept() {
    card_ = Descriptor(readable(listener_.get())
                           ? ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)
                           : -1);
    return card_.valid();
  }
  void hangUp() { card_.reset(); }
  /// Without waiting.
  [[nodiscard]] bool hasInput() const {
    pollfd item{.fd = card_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&item, 1, 0) == 1;
  }

  void sendRaw(const std::string& text) {
    const Bytes bytes = hex(text);
    ASSERT_EQ(::send(card_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// Length and body in two writes, as vpcd does.
  void send(const std::string& text) {
    std::array<char, 5> length{};
    (void)std::snprintf(length.data(), length.size(), "%04zX", hex(text).size());
    sendRaw(length.data());
    sendRaw(text);
  }
  /// The next message, or "gone" when the card hung up.
  std::string receive() {
    const Bytes length = receiveBytes(2);
    if (length.size() < 2) {
      return "gone";
    }
    return wire::toHex(receiveBytes(static_cast<std::size_t>(length[0]) << 8U | length[1]));
  }
  std::string exchange(const std::string& text) {
    send(text);
    return receive();
  }

 private:
  Bytes receiveBytes(std::size_t size) {
    Bytes out(size);
    std::size_t done = 0;
    while (done < size && readable(card_.get())) {
      const ssize_t count = ::recv(card_.get(), out.data() + done, size - done, 0);
      if (count <= 0) {
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    out.resize(done);
    return out;
  }

  Descriptor listener_;
  Descriptor card_;
  std::uint16_t port_ = 0;
};

/// A running simulator with a blank card, its reader, and its control socket.
class Reader : public ::testing::Test {
 protected:
  Reader()
      : options{.cardFile = folder.path() / "card.json",
                .port = reader.port(),
                .controlSocket = folder.path() / "control",
                .apduLog = folder.path() / "log"} {
    EXPECT_TRUE(StateFile(options.cardFile).save(blankCard(true)));
    EXPECT_EQ(::pipe2(stop.data(), O_CLOEXEC), 0);
  }
  ~Reader() override {
    reader.hangUp();
    ::close(stop[1]);
    if (thread.joinable()) {
      thread.join();
    }
    ::close(stop[0]);
  }

  void start() {
    simulator = std::make_unique<Simulator>(options);
    const auto started = simulator->start();
    ASSERT_TRUE(started) << started.error();
    thread = std::thread([this] { simulator->run(stop[0]); });
  }
  void insertAndPowerOn() {
    ASSERT_TRUE(reader.accept());
    reader.send("01");
    ASSERT_EQ(statusOf(reader.exchange(kSelect)), "9000");
  }
  static std::string statusOf(const std::string& answer) {
    return answer.size() < 4 ? answer : answer.substr(answer.size() - 4);
  }
  std::string control(const std::string& line) {
    const auto answer = sendControl(options.controlSocket, line);
    return answer ? *answer : answer.error();
  }
  void untilStatusHas(const std::string& text) {
    while (control("status").find(text) == std::string::npos) {
      std::this_thread::yield();
    }
  }
  std::string log() const {
    std::ifstream file(options.apduLog);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  /// The card is being taken out in the middle of a command: what the driver sees.
  void expectRemovedInCommand() {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
    ASSERT_TRUE(reader.accept());  // the driver looks again and finds nobody
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
  }

  TemporaryFolder folder;
  FakeReader reader;
  SimulatorOptions options;
  std::array<int, 2> stop{};
  std::unique_ptr<Simulator> simulator;
  std::thread thread;
};

}  // namespace fncard::hw_sim::testing
