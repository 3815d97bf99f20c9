// SPDX-License-Identifier: Apache-2.0
#include "net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/client.h"
#include "tests/net/raw_connection.h"

namespace fncard::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Answers what it was asked, so that tests see what a handler sees.
Response echo(const Request& request) {
  return Response::text(200, request.method + " " + request.target + " [" + request.body + "]");
}

std::unique_ptr<Server> startServer(Limits limits = {}, Handler handler = echo) {
  ServerOptions options;
  options.limits = limits;
  auto server = Server::start(options, std::move(handler));
  EXPECT_TRUE(server.has_value());
  return server ? std::move(*server) : nullptr;
}

std::string talkTo(const Server& server, std::string_view text) {
  RawConnection connection(server.port());
  connection.send(text);
  return connection.readAll();
}

TEST(Server, AnswersWithLengthTypeAndDate) {
  const auto server = startServer();
  const std::string answer =
      talkTo(*server, "GET /a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\ncontent-type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 11\r\n"));
  EXPECT_THAT(answer, HasSubstr(" GMT\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /a?b []"));
}

TEST(Server, KeepsTheConnectionForPipelinedRequests) {
  const auto server = startServer();
  const std::string answer = talkTo(*server,
                                    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
                                    "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
                                    "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("GET /1 []HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("POST /2 [ab]HTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith("GET /3 []"));
}

TEST(Server, ClosesAfterAnHttp10Request) {
  const auto server = startServer();
  EXPECT_THAT(talkTo(*server, "GET / HTTP/1.0\r\n\r\n"), EndsWith("GET / []"));
}

TEST(Server, AnswersHeadWithTheLengthButWithoutTheBody) {
  const auto server = startServer();
  const std::string answer =
      talkTo(*server, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(Server, SendsNoBodyAndNoLengthWith204) {
  const auto server = startServer({}, [](const Request&) { return Response::noContent(); });
  const std::string answer =
      talkTo(*server, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
}

TEST(Server, ReadsAChunkedBody) {
  const auto server = startServer();
  EXPECT_THAT(talkTo(*server,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                     "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              EndsWith("[abcde]"));
}

TEST(Server, SaysContinueToAClientThatWaitsForIt) {
  const auto server = startServer();
  RawConnection connection(server->port());
  connection.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_THAT(connection.readUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  connection.send("ab");
  EXPECT_THAT(connection.readAll(), EndsWith("[ab]"));
}

TEST(Server, TakesTheTargetInAbsoluteForm) {
  const auto server = startServer();
  EXPECT_THAT(talkTo(*server, "GET http://x/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              EndsWith("GET /a?b []"));
}

TEST(Server, GivesHeadersByLowerCaseNameAndJoinsLists) {
  const auto server = startServer({}, [](const Request& request) {
    return Response::text(200, request.header("x-one") + "|" + request.header("accept") + "|" +
                                   request.header("absent") + "|" + request.peerAddress);
  });
  EXPECT_THAT(talkTo(*server,
                     "GET / HTTP/1.1\r\nHOST: x\r\nX-One:  1 \r\nAccept: a\r\nAccept: b\r\n"
                     "Connection: close\r\n\r\n"),
              EndsWith("1|a, b||127.0.0.1"));
}

struct BadRequest {
  const char* name;
  const char* text;
  const char* status;
};
// googletest looks for this name
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const BadRequest& request, std::ostream* out) {
  *out << request.name;
}

class ServerRefuses : public testing::TestWithParam<BadRequest> {};

TEST_P(ServerRefuses, BeforeAHandlerSeesIt) {
  bool seen = false;
  const auto server = startServer({}, [&seen](const Request& request) {
    seen = true;
    return echo(request);
  });
  const std::string answer = talkTo(*server, GetParam().text);
  EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + GetParam().status));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"({"error":{"code":")"));
  server->stop();
  EXPECT_FALSE(seen);
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, ServerRefuses,
    testing::Values(
        BadRequest{"NoHost", "GET / HTTP/1.1\r\n\r\n", "400"},
        BadRequest{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        BadRequest{"SameHostTwice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
        BadRequest{"TwoLengths",
                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                   "400"},
        BadRequest{"SameLengthTwice",
                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
                   "400"},
        BadRequest{"LengthAndChunked",
                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   "400"},
        BadRequest{"NegativeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                   "400"},
        BadRequest{"HugeLength",
                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
                   "400"},
        BadRequest{"OtherCoding",
                   "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", "501"},
        BadRequest{"BadChunk",
                   "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        BadRequest{"TwoAuthorizations",
                   "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nauthorization: b\r\n\r\n",
                   "400"},
        BadRequest{"NotHttp", "\x16\x03\x01\x02\x01\x01\r\n\r\n", "400"},
        BadRequest{"OtherVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400"},
        BadRequest{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
        BadRequest{"NulInField", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", "400"},
        BadRequest{"TargetWithoutSlash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", "400"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Server, RefusesAHeaderOverItsLimit) {
  const auto server = startServer({.headerBytes = 1024});
  const std::string answer =
      talkTo(*server, "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'a') + "\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431"));
}

TEST(Server, RefusesABodyOverItsLimitWithoutReadingIt) {
  const auto server = startServer({.bodyBytes = 1000});
  EXPECT_THAT(talkTo(*server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(talkTo(*server,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3e9\r\n" +
                         std::string(1001, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(talkTo(*server,
                     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                     "Connection: close\r\n\r\n" +
                         std::string(1000, 'x')),
              StartsWith("HTTP/1.1 200"));
}

TEST(Server, TellsA413ToAClientThatSendsItsWholeBodyFirst) {
  const auto server = startServer({.bodyBytes = 1000});
  const auto response = Client({}).post("http://127.0.0.1:" + std::to_string(server->port()),
                                        "text/plain", std::string(600'000, 'x'));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 413);
}

TEST(Server, EndsAConnectionThatSendsNothing) {
  const auto server = startServer({.headerTime = milliseconds(50)});
  RawConnection connection(server->port());
  EXPECT_EQ(connection.readAll(), "");
}

TEST(Server, EndsAHeaderThatDripsIn) {
  const auto server = startServer({.headerTime = milliseconds(200)});
  RawConnection connection(server->port());
  ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\nHost: x\r\n"));
  std::atomic<bool> ended = false;
  std::thread dripping([&] {
    while (!ended && connection.send("X: y\r\n")) {
      std::this_thread::sleep_for(milliseconds(10));
    }
  });
  const std::string answer = connection.readAll();
  ended = true;
  dripping.join();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
}

TEST(Server, EndsABodyThatNeverComes) {
  const auto server = startServer({.requestTime = milliseconds(50)});
  EXPECT_THAT(talkTo(*server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"),
              StartsWith("HTTP/1.1 408"));
}

TEST(Server, EndsAConnectionThatIsIdleAfterAnAnswer) {
  const auto server = startServer({.headerTime = milliseconds(50)});
  EXPECT_THAT(talkTo(*server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("GET / []"));
}

TEST(Server, EndsAClientThatDoesNotReadItsAnswer) {
  Limits limits{.requestTime = milliseconds(50)};
  const std::string huge(std::size_t{64} * 1024 * 1024, 'x');
  const auto server =
      startServer(limits, [&huge](const Request&) { return Response::text(200, huge); });
  RawConnection connection(server->port());
  connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  // Only what fits the socket buffers has left when stop() returns: nothing waits for the client.
  while (connection.send("x")) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  SUCCEED();
}

TEST(Server, AnswersBusyOverItsConnectionsAndRecovers) {
  const auto server = startServer({.connections = 1});
  auto first = std::make_unique<RawConnection>(server->port());
  first->send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first->readUntil("[]"), HasSubstr("200 OK"));

  const std::string request = "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const std::string refused = talkTo(*server, request);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("retry-after: 1\r\n"));

  first.reset();
  std::string answer;
  for (int i = 0; i < 500 && !answer.starts_with("HTTP/1.1 200"); ++i) {
    answer = talkTo(*server, request);
  }
  EXPECT_THAT(answer, EndsWith("GET /2 []"));
}

TEST(Server, AnswersBusyToAnAddressWithTooManyConnectionsAndServesTheOthers) {
  const auto server = startServer({.connectionsPerAddress = 1});
  const RawConnection first(server->port(), "127.0.0.2");
  RawConnection second(server->port(), "127.0.0.2");
  second.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(second.readAll(), StartsWith("HTTP/1.1 503"));
  RawConnection other(server->port(), "127.0.0.3");
  other.send("GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(other.readAll(), EndsWith("GET /3 []"));
}

TEST(Server, LetsItsOwnAnswersBeWrittenForWhoAsked) {
  ServerOptions options;
  options.limits = {.headerBytes = 1024, .bodyBytes = 4, .requestTime = milliseconds(50)};
  options.onRefusal = [](const Request& request, int status) {
    return Response::text(status, std::to_string(status) + " " + request.target + " " +
                                      request.header("accept-language") + " " +
                                      request.peerAddress);
  };
  const auto server = *Server::start(options, [](const Request& request) -> Response {
    if (request.target == "/throw") {
      throw std::runtime_error("broken");
    }
    return echo(request);
  });
  const auto post = [](const std::string& target, const std::string& more) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nAccept-Language: vi\r\n" + more;
  };
  EXPECT_THAT(talkTo(*server, "nonsense\r\n\r\n"), EndsWith("400   127.0.0.1"));
  EXPECT_THAT(talkTo(*server, post("/1", "Content-Length: 5\r\n\r\nabcde")),
              EndsWith("413 /1 vi 127.0.0.1"));
  EXPECT_THAT(talkTo(*server, post("/2", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")),
              EndsWith("413 /2 vi 127.0.0.1"));
  EXPECT_THAT(talkTo(*server, post("/3", "Content-Length: 4\r\n\r\na")),
              EndsWith("408 /3 vi 127.0.0.1"));
  EXPECT_THAT(talkTo(*server, post("/4", "X: " + std::string(2000, 'a') + "\r\n\r\n")),
              HasSubstr("\r\n\r\n431 "));
  EXPECT_THAT(talkTo(*server, post("/throw", "Content-Length: 0\r\n\r\n") + "nonsense\r\n\r\n"),
              testing::AllOf(HasSubstr("500 /throw vi 127.0.0.1"), EndsWith("400   127.0.0.1")));
}

TEST(Server, FallsBackToItsOwnWordsWhenTheirWriterThrows) {
  ServerOptions options;
  options.onRefusal = [](const Request&, int) -> Response { throw std::runtime_error("broken"); };
  const auto server = *Server::start(options, echo);
  EXPECT_THAT(talkTo(*server, "nonsense\r\n\r\n"), HasSubstr("request.malformed"));
}

TEST(Server, AnswersOthersWhileAHandlerWaits) {
  std::promise<void> leave;
  const auto left = leave.get_future().share();
  ServerOptions options;
  options.threads = 1;
  options.handlers = 2;
  const auto server = *Server::start(options, [left](const Request& request) {
    if (request.target == "/wait") {
      left.wait();
    }
    return echo(request);
  });
  RawConnection waiting(server->port());
  waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(talkTo(*server, "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              EndsWith("GET /2 []"));
  leave.set_value();
  EXPECT_THAT(waiting.readAll(), EndsWith("GET /wait []"));
}

TEST(Server, Answers500ForAHandlerThatThrowsAndGoesOn) {
  const auto server = startServer({}, [](const Request& request) -> Response {
    if (request.target == "/throw") {
      throw std::runtime_error("broken");
    }
    return echo(request);
  });
  const std::string answer = talkTo(*server,
                                    "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"
                                    "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, Not(HasSubstr("broken")));
  EXPECT_THAT(answer, EndsWith("GET /x []"));
}

TEST(Server, NeverSendsAHeaderFieldWithALineBreakInIt) {
  const auto server = startServer({}, [](const Request&) {
    Response response = Response::text(200, "x");
    response.headers["location"] = "/a\r\nSet-Cookie: b=c";
    return response;
  });
  EXPECT_THAT(talkTo(*server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              Not(HasSubstr("Set-Cookie")));
}

TEST(Server, LetsARunningRequestEndWhenItStops) {
  std::promise<void> entered;
  std::promise<void> leave;
  const auto server = startServer({}, [&](const Request& request) {
    entered.set_value();
    leave.get_future().wait();
    return echo(request);
  });
  RawConnection connection(server->port());
  connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  std::thread stopping([&] { server->stop(); });
  leave.set_value();
  EXPECT_THAT(connection.readAll(), EndsWith("GET /slow []"));
  stopping.join();
}

TEST(Server, StopsWithIdleConnectionsOpenAndTakesNoMore) {
  const auto server = startServer();
  RawConnection idle(server->port());
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.readUntil("[]");
  server->stop();
  EXPECT_EQ(idle.readAll(), "");
  const auto response = Client({}).get("http://127.0.0.1:" + std::to_string(server->port()));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::Refused);
}

TEST(Server, SaysWhenItCannotListen) {
  const auto server = startServer();
  ServerOptions options;
  options.port = server->port();
  EXPECT_EQ(Server::start(options, echo).error().code, ErrorCode::ListenFailed);
  EXPECT_EQ(Server::start({.address = "nonsense"}, echo).error().code, ErrorCode::ListenFailed);
}

TEST(Server, ServesManyConnectionsAtOnce) {
  const auto server = startServer();
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/";
  std::vector<std::future<int>> answers;
  answers.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    answers.push_back(std::async(std::launch::async, [&url, thread] {
      int good = 0;
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(thread) + "-" + std::to_string(i);
        const auto response = Client({}).post(url, "text/plain", body);
        good += response && response->body == "POST / [" + body + "]" ? 1 : 0;
      }
      return good;
    }));
  }
  for (auto& answer : answers) {
    EXPECT_EQ(answer.get(), 25);
  }
}

}  // namespace
}  // namespace fncard::net
