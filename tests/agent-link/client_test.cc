// SPDX-License-Identifier: Apache-2.0
#include "agent-link/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <functional>
#include <thread>

#include "agent-link/frame.h"
#include "agent-link/listener.h"
#include "tests/agent-link/world.h"

namespace fncard::agent_link {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Long enough that no test gets there, short enough for a test that hangs.
Clock::time_point later() {
  return Clock::now() + 60s;
}

void waitFor(int descriptor, short events) {
  pollfd waited{.fd = descriptor, .events = events};
  poll(&waited, 1, 30'000);
}

Bytes readRequest(int socket) {
  FrameReader reader(kMaxRequest);
  std::uint8_t part[512];
  while (true) {
    waitFor(socket, POLLIN);
    const ssize_t count = recv(socket, part, sizeof part, 0);
    if (count <= 0 ||
        reader.feed({part, static_cast<std::size_t>(count)}) != FrameReader::State::Incomplete) {
      return {reader.payload().begin(), reader.payload().end()};
    }
  }
}

void write(int socket, ByteView bytes) {
  ASSERT_EQ(send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

void waitUntilGone(int socket) {
  std::uint8_t byte = 0;
  waitFor(socket, POLLIN);
  EXPECT_LE(recv(socket, &byte, 1, 0), 0);
}

/// An agent that does to its one client what the test says.
class Agent {
 public:
  Agent(const std::string& path, std::function<void(int)> answer)
      : listener_(Listener::open(path).value()), thread_([this, answer = std::move(answer)] {
          waitFor(listener_.descriptor(), POLLIN);
          if (const auto connection = listener_.accept()) {
            answer(connection->socket.get());
          }
        }) {}

 private:
  Listener listener_;
  std::jthread thread_;
};

class AskPin : public World {
 protected:
  static Error errorOf(const tl::expected<card::Pin, Error>& answer) {
    EXPECT_FALSE(answer.has_value());
    return answer ? Error::Refused : answer.error();
  }
  const PinRequest request{.purpose = Purpose::Signature, .program = "Firefox", .triesLeft = 3};
};

std::ptrdiff_t openDescriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_F(AskPin, GetsThePinThatThePersonTyped) {
  const auto before = openDescriptors();
  PinRequest seen;
  tl::expected<card::Pin, Error> answer = tl::unexpected(Error::NoAgent);
  {
    const Agent agent(path, [&](int socket) {
      seen = parsePinRequest(readRequest(socket)).value();
      std::string digits = "246810";
      const auto frame = encodePinAnswer(card::Pin::take(std::span<char>(digits)).value());
      write(socket, frame.bytes());
    });
    answer = askPin(request, later());
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(seen, request);
  std::string digits = "246810";
  EXPECT_TRUE(*answer == card::Pin::take(std::span<char>(digits)).value());
  EXPECT_EQ(openDescriptors(), before);
}

TEST_F(AskPin, PutsAnAnswerTogetherFromSingleBytes) {
  const Agent agent(path, [](int socket) {
    readRequest(socket);
    for (const std::uint8_t byte : encodeFrame(Bytes{0, '1', '2', '3', '4', '5', '7'})) {
      write(socket, {&byte, 1});
    }
  });
  EXPECT_TRUE(askPin(request, later()));
}

TEST_F(AskPin, SaysThatNoAgentRuns) {
  EXPECT_EQ(errorOf(askPin(request, later())), Error::NoAgent) << "no folder";
  { const auto listener = Listener::open(path); }
  EXPECT_EQ(errorOf(askPin(request, later())), Error::NoAgent) << "no socket";
  setenv("FNCARD_AGENT_SOCKET", "", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  unsetenv("XDG_RUNTIME_DIR");           // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(errorOf(askPin(request, later())), Error::NoAgent) << "no place";
}

TEST_F(AskPin, SaysThatTheAgentWentAwayInTheMiddle) {
  for (const std::size_t sent : {std::size_t{0}, std::size_t{2}, std::size_t{4}, std::size_t{8}}) {
    const Agent agent(path, [sent](int socket) {
      readRequest(socket);
      write(socket, ByteView(encodeFrame(Bytes{0, '1', '2', '3', '4', '5', '7'})).first(sent));
    });
    EXPECT_EQ(errorOf(askPin(request, later())), Error::NoAgent) << sent;
  }
}

TEST_F(AskPin, SaysThatTheAgentWentAwayBeforeItRead) {
  const Agent agent(path, [](int) {});
  EXPECT_EQ(errorOf(askPin(request, later())), Error::NoAgent);
}

TEST_F(AskPin, RefusesAnAnswerThatIsNone) {
  for (const Bytes& frame :
       {Bytes{0, 0, 0, 0}, encodeFrame(Bytes{0}), encodeFrame(Bytes{9}),
        encodeFrame(Bytes(kMaxPinAnswer + 1, '1')), Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0, '1'}}) {
    const Agent agent(path, [&frame](int socket) {
      readRequest(socket);
      write(socket, frame);
      waitUntilGone(socket);
    });
    EXPECT_EQ(errorOf(askPin(request, later())), Error::Refused);
  }
}

TEST_F(AskPin, GivesUpAtTheDeadlineAndTheAgentSeesIt) {
  const Agent agent(path, [](int socket) {
    readRequest(socket);
    waitUntilGone(socket);
  });
  EXPECT_EQ(errorOf(askPin(request, Clock::now() + 20ms)), Error::TimedOut);
}

TEST_F(AskPin, GivesUpAtTheDeadlineWhenAnAnswerNeverEnds) {
  const Agent agent(path, [](int socket) {
    readRequest(socket);
    write(socket, frameHeader(kMaxPinAnswer));
    waitUntilGone(socket);
  });
  EXPECT_EQ(errorOf(askPin(request, Clock::now() + 20ms)), Error::TimedOut);
}

TEST_F(AskPin, IsCancelledByTheCallerAndTheAgentSeesIt) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor cancelled(ends[0]);
  Descriptor cancels(ends[1]);
  const Agent agent(path, [&cancels](int socket) {
    readRequest(socket);
    cancels = Descriptor();
    waitUntilGone(socket);
  });
  EXPECT_EQ(errorOf(askPin(request, later(), cancelled.get())), Error::Cancelled);
}

TEST_F(AskPin, IsBusyWhenNoMoreConnectionsFit) {
  std::filesystem::create_directory(path.parent_path());
  const Descriptor full(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = addressOf(path);
  ASSERT_EQ(bind(full.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(full.get(), 0), 0);
  const Descriptor waiting = connectTo(path);
  EXPECT_EQ(errorOf(askPin(request, later())), Error::Busy);
}

TEST_F(AskPin, TellsNothingToAnAgentOfAnotherUser) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root can become another user";
  }
  std::filesystem::permissions(folder, std::filesystem::perms(0777));
  int ready[2];
  ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ready[0]);
    auto listener = setuid(kSomebodyElse) == 0
                        ? Listener::open(path)
                        : tl::expected<Listener, ListenError>(tl::unexpected(ListenError{}));
    close(ready[1]);
    if (!listener) {
      _exit(2);
    }
    waitFor(listener->descriptor(), POLLIN);
    const Descriptor victim(accept4(listener->descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    _exit(recv(victim.get(), &byte, 1, 0) == 0 ? 0 : 1);
  }
  close(ready[1]);
  waitFor(ready[0], POLLIN);
  close(ready[0]);
  EXPECT_EQ(errorOf(askPin(request, later())), Error::Refused);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "it was told nothing";
}

}  // namespace
}  // namespace fncard::agent_link
