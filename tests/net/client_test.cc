// SPDX-License-Identifier: Apache-2.0
#include "net/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <thread>

#include "net/server.h"

namespace fncard::net {
namespace {

using std::chrono::milliseconds;

// Takes one connection, reads the header of its request, and answers the given bytes, whatever they
// are.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, bool close = true)
      : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, close, answer = std::move(answer)] { serve(answer, close); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  void serve(const std::string& answer, bool closeAfter) const {
    const int peer = accept(listener_, nullptr, nullptr);
    std::string request;
    char part[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = recv(peer, part, sizeof part, 0);
      if (count <= 0) {
        break;
      }
      request.append(part, static_cast<std::size_t>(count));
    }
    send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    while (!closeAfter && recv(peer, part, sizeof part, 0) > 0) {
    }
    ::close(peer);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

ErrorCode errorOf(const std::string& answer, ClientOptions options = {}) {
  const OneAnswer server(answer);
  const auto response = Client(std::move(options)).get(server.url());
  EXPECT_FALSE(response.has_value()) << response->body;
  return response ? ErrorCode::InvalidUrl : response.error().code;
}

TEST(Client, ReadsABodyByLengthByChunksAndToTheEnd) {
  for (const char* answer : {"HTTP/1.1 201 Created\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nab",
                             "HTTP/1.1 201 Created\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
                             "HTTP/1.0 201 Created\r\nX-A: 1\r\n\r\nab"}) {
    const OneAnswer server(answer);
    const auto response = Client({}).get(server.url());
    ASSERT_TRUE(response.has_value()) << answer << response.error().detail;
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "ab");
    EXPECT_EQ(response->headers.at("x-a"), "1");
  }
}

TEST(Client, SkipsInterimAnswers) {
  const OneAnswer server(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  EXPECT_EQ(Client({}).get(server.url())->body, "a");
}

TEST(Client, SendsMethodTargetHostAndBody) {
  ServerOptions options;
  auto server = Server::start(options, [](const Request& request) {
    return Response::text(200, request.method + " " + request.target + " " +
                                   request.header("host") + " " + request.header("content-type") +
                                   " " + request.header("x-a") + " " +
                                   request.header("user-agent") + " " + request.body);
  });
  ASSERT_TRUE(server.has_value());
  const std::string host = "127.0.0.1:" + std::to_string((*server)->port());
  Request request;
  request.method = "PUT";
  request.target = "/ignored";
  request.headers = {{"content-type", "a/b"}, {"x-a", "1"}, {"host", "other"}};
  request.body = "body";
  const auto response = Client({}).send("http://" + host + "/a?b=c", request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "PUT /a?b=c " + host + " a/b 1 fncard/0.1.0 body");
}

TEST(Client, SendsHeadWithoutWaitingForABody) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  Request request;
  request.method = "HEAD";
  const auto response = Client({}).send(server.url(), request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "");
}

TEST(Client, SaysThatTheConnectionWasLost) {
  EXPECT_EQ(errorOf(""), ErrorCode::ConnectionLost);
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\nContent-Le"), ErrorCode::ConnectionLost);
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), ErrorCode::ConnectionLost);
}

TEST(Client, SaysThatAnAnswerIsMalformed) {
  EXPECT_EQ(errorOf("SSH-2.0-OpenSSH_9.2\r\n\r\n"), ErrorCode::Malformed);
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), ErrorCode::Malformed);
}

TEST(Client, SaysThatAnAnswerIsTooLarge) {
  ClientOptions options;
  options.maxBodyBytes = 10;
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890", options),
            ErrorCode::TooLarge);
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\n\r\n01234567890", options), ErrorCode::TooLarge);
  EXPECT_EQ(errorOf("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n"),
            ErrorCode::TooLarge);
}

TEST(Client, GivesUpAtTheDeadlineHoweverFarItCame) {
  ClientOptions options;
  options.timeout = milliseconds(100);
  for (const char* answer :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"}) {
    const OneAnswer server(answer, false);
    const auto response = Client(options).get(server.url());
    ASSERT_FALSE(response.has_value()) << answer;
    EXPECT_EQ(response.error().code, ErrorCode::Timeout) << answer;
  }
}

TEST(Client, DoesNotWaitForAnOtherSideThatHangsWithAllThreads) {
  std::promise<void> entered;
  std::promise<void> leave;
  const auto server = *Server::start({}, [&](const Request& /*request*/) {
    entered.set_value();
    leave.get_future().wait();
    return Response::noContent();
  });
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/";
  const Client client({.atOnce = 1});
  std::thread first([&] { EXPECT_TRUE(client.get(url)); });
  entered.get_future().wait();
  const auto second = client.get(url);
  leave.set_value();
  first.join();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Timeout);
  entered = {};
  leave = {};
  leave.set_value();
  EXPECT_TRUE(client.get(url));
}

TEST(Client, RefusesABadAddressAndSaysWhenANameIsUnknown) {
  EXPECT_EQ(Client({}).get("ftp://a/").error().code, ErrorCode::InvalidUrl);
  EXPECT_EQ(Client({}).get("http://a..invalid/").error().code, ErrorCode::NameNotFound);
}

}  // namespace
}  // namespace fncard::net
