// SPDX-License-Identifier: Apache-2.0
#include "agent-link/listener.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <fstream>

#include "agent-link/socket_path.h"
#include "tests/agent-link/world.h"

namespace fncard::agent_link {
namespace {

using Kind = ListenError::Kind;
namespace fs = std::filesystem;

class AListener : public World {};

bool waits(const Listener& listener) {
  pollfd waited{.fd = listener.descriptor(), .events = POLLIN};
  return poll(&waited, 1, 10'000) == 1;
}

bool endsAtOnce(int socket) {
  char byte = 0;
  return recv(socket, &byte, 1, 0) <= 0;
}

TEST_F(AListener, MakesItsFolderAndSocketForThisUserAlone) {
  const auto listener = Listener::open(path);
  ASSERT_TRUE(listener);
  EXPECT_EQ(fs::status(path.parent_path()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AListener, KnowsWhoConnects) {
  auto listener = Listener::open(path);
  ASSERT_TRUE(listener);
  EXPECT_FALSE(listener->accept()) << "nobody waits";
  const Descriptor client = connectTo(path);
  ASSERT_TRUE(waits(*listener));
  const auto connection = listener->accept();
  ASSERT_TRUE(connection);
  EXPECT_EQ(connection->peer.process, getpid());
  EXPECT_EQ(connection->peer.user, geteuid());
}

TEST_F(AListener, IsTheOnlyOneOfItsUser) {
  const auto first = Listener::open(path);
  ASSERT_TRUE(first);
  const auto second = Listener::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Kind::AlreadyRunning);
  EXPECT_TRUE(connectTo(path)) << "the first still listens";
}

TEST_F(AListener, LeavesNoSocketAndAnotherMayFollow) {
  { const auto first = Listener::open(path); }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(Listener::open(path));
}

TEST_F(AListener, ReplacesTheSocketOfAnAgentThatDied) {
  const pid_t child = fork();
  if (child == 0) {
    const auto listener = Listener::open(path);
    _exit(listener ? 0 : 1);  // as a killed process does, without destructors
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(fs::exists(path));
  const auto listener = Listener::open(path);
  ASSERT_TRUE(listener);
  EXPECT_TRUE(connectTo(path));
}

TEST_F(AListener, RefusesAFolderThatOthersCanLookInto) {
  fs::create_directory(path.parent_path());
  fs::permissions(path.parent_path(), fs::perms(0755));
  const auto open = Listener::open(path);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().kind, Kind::BadFolder);
}

TEST_F(AListener, RefusesALinkInPlaceOfItsFolder) {
  fs::create_directory(folder / "elsewhere");
  fs::permissions(folder / "elsewhere", fs::perms::owner_all);
  fs::create_directory_symlink(folder / "elsewhere", path.parent_path());
  const auto open = Listener::open(path);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().kind, Kind::BadFolder);
}

TEST_F(AListener, SaysWhatTheSystemSaidWhenItCannotListen) {
  const auto open = Listener::open(folder / "missing" / "run" / "agent.sock");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().kind, Kind::Failed);
  EXPECT_THAT(open.error().detail, testing::HasSubstr("No such file"));
  EXPECT_FALSE(Listener::open(folder / std::string(150, 'x') / "agent.sock"));
}

TEST_F(AListener, CutsOffAnotherUserEvenWhereTheFolderLetsHimIn) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root can become another user";
  }
  auto listener = Listener::open(path);
  ASSERT_TRUE(listener);
  fs::permissions(folder, fs::perms(0711));
  fs::permissions(path.parent_path(), fs::perms(0711));
  fs::permissions(path, fs::perms(0666));
  const pid_t child = fork();
  if (child == 0) {
    const Descriptor client = setuid(kSomebodyElse) == 0 ? connectTo(path) : Descriptor();
    _exit(client && endsAtOnce(client.get()) ? 0 : 1);
  }
  EXPECT_TRUE(waits(*listener));
  EXPECT_FALSE(listener->accept());
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

class SocketPath : public World {
 protected:
  static void set(const char* name, const std::string& value) {
    setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  }
};

TEST_F(SocketPath, IsInTheUsersRuntimeFolderUnlessToldOtherwise) {
  set("XDG_RUNTIME_DIR", "/run/user/7");
  EXPECT_EQ(socketPath(), path);
  set("FNCARD_AGENT_SOCKET", "");
  EXPECT_EQ(socketPath(), "/run/user/7/fncard/agent.sock");
}

TEST_F(SocketPath, IsNothingWithoutAUsablePlace) {
  set("FNCARD_AGENT_SOCKET", "relative/agent.sock");
  set("XDG_RUNTIME_DIR", "relative");
  EXPECT_EQ(socketPath(), "");
  set("XDG_RUNTIME_DIR", "/" + std::string(200, 'x'));
  EXPECT_EQ(socketPath(), "");
}

}  // namespace
}  // namespace fncard::agent_link
