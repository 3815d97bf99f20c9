// SPDX-License-Identifier: Apache-2.0
#include "agent/local/local_door.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <cerrno>
#include <filesystem>
#include <future>
#include <optional>

#include "agent-link/client.h"
#include "agent-link/frame.h"
#include "tests/agent/fake_windows.h"
#include "tests/card/support/function_readers.h"

namespace fncard::agent {
namespace {

using namespace std::chrono_literals;
using agent_link::Descriptor;
using agent_link::Error;

using PinOrError = tl::expected<card::Pin, Error>;

constexpr int kPatience = 30'000;

class ALocalDoor : public testing::Test {
 protected:
  void open(std::chrono::milliseconds readLimit) {
    qputenv("FNCARD_AGENT_SOCKET", QByteArray::fromStdString(path));
    door.emplace(agent_link::Listener::open(path).value(),
                 Desks{.pins = desk, .requests = requests}, readLimit);
  }

  /// Asks from another thread, as a program does.
  static std::future<PinOrError> ask(const std::string& program, int cancel = -1) {
    return std::async(std::launch::async, [program, cancel] {
      return agent_link::askPin({.program = program}, std::chrono::steady_clock::now() + 60s,
                                cancel);
    });
  }

  template <typename Condition>
  static bool comes(Condition condition) {
    return QTest::qWaitFor(condition, kPatience);
  }
  static bool done(const std::future<PinOrError>& answer) {
    return comes([&] { return answer.wait_for(0s) == std::future_status::ready; });
  }

  [[nodiscard]] Descriptor connect() const {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return socket;
  }
  static void write(const Descriptor& socket, ByteView bytes) {
    EXPECT_EQ(send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// All that comes until the agent closes.
  static Bytes readToEnd(const Descriptor& socket) {
    Bytes all;
    bool ended = false;
    EXPECT_TRUE(comes([&] {
      std::uint8_t part[64];
      const ssize_t count = recv(socket.get(), part, sizeof part, MSG_DONTWAIT);
      ended = count == 0 || (count < 0 && errno == ECONNRESET);
      all.insert(all.end(), part, part + std::max<ssize_t>(count, 0));
      return ended;
    }));
    return all;
  }

  QTemporaryDir folder;
  std::string path = folder.filePath("run/agent.sock").toStdString();
  FakeWindows windows;
  PinDesk desk{windows.show(), 1h};
  card::testing::FunctionReaders readers{
      [](ByteView) { return card::failed(card::ErrorCode::CardMute, "no card is needed here"); }};
  RequestDesk requests{readers, desk};
  std::optional<LocalDoor> door;
};

const Bytes kRefused = agent_link::encodeFrame(Bytes{3});

TEST_F(ALocalDoor, BringsThePinToTheProgramThatAsked) {
  open(60s);
  auto answer = ask("Firefox");
  ASSERT_TRUE(comes([&] { return windows.open() == 1; }));
  EXPECT_EQ(windows.question().request.program, "Firefox");
  EXPECT_EQ(windows.question().programFile, std::filesystem::read_symlink("/proc/self/exe"))
      << "whatever it calls itself";
  windows.answer(consentOf("246810"));
  ASSERT_TRUE(done(answer));
  const auto pin = answer.get();
  ASSERT_TRUE(pin);
  EXPECT_TRUE(*pin == pinOf("246810"));
}

TEST_F(ALocalDoor, TellsTheProgramThatThePersonCancelled) {
  open(60s);
  auto answer = ask("Firefox");
  ASSERT_TRUE(comes([&] { return windows.open() == 1; }));
  windows.answer(tl::unexpected(Error::Cancelled));
  ASSERT_TRUE(done(answer));
  EXPECT_EQ(answer.get().error(), Error::Cancelled);
}

TEST_F(ALocalDoor, ClosesTheWindowWhenTheProgramGoesAway) {
  open(60s);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Descriptor cancelled(ends[0]);
  Descriptor cancels(ends[1]);
  auto answer = ask("Firefox", cancelled.get());
  ASSERT_TRUE(comes([&] { return windows.open() == 1; }));
  cancels = Descriptor();
  EXPECT_TRUE(comes([&] { return windows.open() == 0; }));
  ASSERT_TRUE(done(answer));
  EXPECT_EQ(answer.get().error(), Error::Cancelled);
}

TEST_F(ALocalDoor, IsBusyForWhoComesWhenThreeWait) {
  open(60s);
  std::vector<std::future<PinOrError>> answers;
  for (int i = 0; i < 5; ++i) {
    answers.push_back(ask("p"));
  }
  const auto ended = [&] {
    return std::ranges::count_if(
        answers, [](const auto& each) { return each.wait_for(0s) == std::future_status::ready; });
  };
  ASSERT_TRUE(comes([&] { return ended() == 1; }));
  for (int i = 2; i <= 5; ++i) {
    ASSERT_EQ(windows.open(), 1U);
    windows.answer(tl::unexpected(Error::Cancelled));
    ASSERT_TRUE(comes([&] { return ended() == i; }));
  }
  EXPECT_EQ(
      std::ranges::count_if(answers, [](auto& each) { return each.get().error() == Error::Busy; }),
      1);
}

TEST_F(ALocalDoor, RefusesWhatIsNoQuestionAndShowsNothing) {
  open(60s);
  const std::string text = R"({"ask":"pin"})";
  for (const Bytes& bytes :
       {agent_link::encodeFrame(Bytes{'x'}),
        agent_link::encodeFrame(Bytes(text.begin(), text.end())), Bytes{0, 0, 0, 0},
        Bytes{0xFF, 0xFF, 0xFF, 0xFF}, agent_link::encodeFrame(Bytes(8193)),
        agent_link::encodeFrame(Bytes(8192, '[')), Bytes{'G', 'E', 'T', ' ', '/', '\r', '\n'}}) {
    const Descriptor client = connect();
    write(client, bytes);
    EXPECT_EQ(readToEnd(client), kRefused);
  }
  EXPECT_TRUE(windows.shown().empty());
}

TEST_F(ALocalDoor, EndsTheQuestionOfAProgramThatGoesOnTalking) {
  open(60s);
  const Descriptor client = connect();
  const Bytes question = agent_link::encodeFrame(agent_link::encodePinRequest({}));
  write(client, question);
  ASSERT_TRUE(comes([&] { return windows.open() == 1; }));
  write(client, question);
  EXPECT_EQ(readToEnd(client), kRefused);
  EXPECT_EQ(windows.open(), 0U);
}

TEST_F(ALocalDoor, CutsOffAProgramThatNeverEndsItsQuestion) {
  open(20ms);
  const Descriptor client = connect();
  write(client, Bytes{1, 0});
  EXPECT_EQ(readToEnd(client), Bytes());
}

TEST_F(ALocalDoor, ServesAQuestionAfterACrowdThatSaysNothing) {
  open(200ms);
  std::vector<Descriptor> crowd;
  for (qsizetype i = 0; i < LocalDoor::kMaxVisits; ++i) {
    crowd.push_back(connect());
  }
  const Descriptor client = connect();
  write(client, agent_link::encodeFrame(agent_link::encodePinRequest({})));
  EXPECT_TRUE(comes([&] { return windows.open() == 1; }));
}

TEST_F(ALocalDoor, SaysGoodbyeToWhoWaitsWhenTheAgentEnds) {
  open(60s);
  auto answer = ask("Firefox");
  ASSERT_TRUE(comes([&] { return windows.open() == 1; }));
  door.reset();
  ASSERT_TRUE(done(answer));
  EXPECT_EQ(answer.get().error(), Error::NoAgent);
  EXPECT_EQ(windows.open(), 0U);
}

}  // namespace
}  // namespace fncard::agent
