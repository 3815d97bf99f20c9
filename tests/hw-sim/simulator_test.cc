// SPDX-License-Identifier: Apache-2.0
// The reader's side and the control socket, against a reader driver played by the test.
#include "hw-sim/simulator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <thread>

#include "tests/hw-sim/card_fixture.h"
#include "tests/hw-sim/temporary_folder.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr int kLimitMilliseconds = 10'000;

bool readable(int descriptor) {
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

TEST_F(Reader, GetsAtrAndAnswers) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange("04"), "3B8C018073C001C056666E6361726435");
  EXPECT_EQ(reader.exchange("00200080"), "63C3");
}

TEST_F(Reader, PowerAndResetEndTheSession) {
  start();
  insertAndPowerOn();
  for (const char* event : {"02", "00"}) {
    EXPECT_EQ(reader.exchange(kSelect).substr(0, 2), "61");
    EXPECT_EQ(reader.exchange(kRightPin), "9000");
    reader.send(event);
    EXPECT_EQ(reader.exchange("00200080"), "6D00");
  }
}

TEST_F(Reader, MayGoAndComeBack) {
  start();
  insertAndPowerOn();
  reader.hangUp();
  insertAndPowerOn();
}

TEST_F(Reader, MaySendRubbish) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange("FF"), "6700");
  reader.sendRaw("0000");
  EXPECT_EQ(reader.receive(), "6700");
  reader.sendRaw("0010 00");  // the rest never comes
  reader.hangUp();
  insertAndPowerOn();
}

TEST_F(Reader, TheCardIsTakenOutAndPutInByTheControlSocket) {
  start();
  insertAndPowerOn();
  std::thread driver([this] {
    EXPECT_EQ(reader.receive(), "gone");
    reader.hangUp();
  });
  EXPECT_EQ(control("remove"), "ok");
  driver.join();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(control("remove"), "error there is no card in the reader");
  EXPECT_EQ(control("insert"), "ok");
  EXPECT_EQ(control("insert"), "error there is a card already");
  insertAndPowerOn();
  EXPECT_NE(control("status").find("inserted=yes connected=yes powered=yes"), std::string::npos);
}

TEST_F(Reader, ACommandBeforeTheRemovalIsNotDone) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(control("fault before 2 remove"), "ok");
  EXPECT_EQ(reader.exchange(kWrongPin), "63C2");
  reader.send(kWrongPin);
  expectRemovedInCommand();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(StateFile(options.cardFile).load()->pin.triesLeft, 2U);
}

TEST_F(Reader, ACommandWhoseAnswerIsLostIsDone) {
  start();
  insertAndPowerOn();
  EXPECT_EQ(control("fault after 1 remove"), "ok");
  reader.send(kWrongPin);
  expectRemovedInCommand();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
  EXPECT_EQ(StateFile(options.cardFile).load()->pin.triesLeft, 2U);
}

TEST_F(Reader, ResetIsNotSeenByTheReaderButTheCardForgets) {
  start();
  insertAndPowerOn();
  reader.exchange(kRightPin);
  EXPECT_EQ(control("reset"), "ok");
  EXPECT_EQ(reader.exchange("00200080"), "6D00");
}

TEST_F(Reader, RefusesControlLinesThatItDoesNotKnow) {
  start();
  for (const char* line : {"", "eject", "remove-after", "remove-after 0", "remove-after -1",
                           "remove-before 1x", "remove-before 99999999999999"}) {
    EXPECT_TRUE(control(line).starts_with("error ")) << line;
  }
}

TEST_F(Reader, BeginsWithoutACard) {
  const std::string file = std::exchange(options.cardFile, "");
  start();
  EXPECT_EQ(control("insert"), "error no card file was named yet");
  EXPECT_TRUE(control("insert " + file + ".none").starts_with("error the card file"));
  EXPECT_EQ(control("insert " + file), "ok");
  insertAndPowerOn();
}

TEST_F(Reader, TheLogHasTheExchangesAndNoPin) {
  start();
  insertAndPowerOn();
  reader.exchange(kRightPin);
  std::ifstream file(options.apduLog);
  const std::string log((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(log.find("# power on, ATR 3B8C"), std::string::npos);
  EXPECT_NE(log.find("> 00200080** < 9000\n"), std::string::npos);
  EXPECT_EQ(log.find("313233343536"), std::string::npos);
}

TEST_F(Reader, ACardFileThatIsNoneIsRefusedAtTheStart) {
  options.cardFile = folder.path() / "none.json";
  EXPECT_FALSE(Simulator(options).start());
}

}  // namespace
}  // namespace fncard::hw_sim::testing
