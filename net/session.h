// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/server.h"

/// Between server.cc and session.cc; nobody else includes it (Asio is heavy).
namespace fncard::net::detail {

/// One connection, from its handshake to its end. Lives as long as an operation of it is under way.
class Session {
 public:
  virtual ~Session() = default;
  virtual void run() = 0;
  /// No further request; one that a handler has is answered first. From any thread.
  virtual void stop() = 0;
};

/// What all sessions of a server share, and who they are.
class Sessions {
 public:
  Sessions(const ServerOptions& options, Handler handlerOfServer)
      : limits(options.limits),
        onRefusal(options.onRefusal),
        handler(std::move(handlerOfServer)),
        handlers(std::max(options.handlers, 1U)) {}

  const Limits limits;
  const RefusalHandler onRefusal;
  const Handler handler;
  boost::asio::thread_pool handlers;  ///< where handler runs

  struct Count {
    std::size_t all = 0;
    std::size_t ofAddress = 0;
  };
  void add(const std::shared_ptr<Session>& session, const std::string& address);
  [[nodiscard]] Count count(const std::string& address);
  void stopAll();

 private:
  std::mutex mutex_;
  struct Held {
    std::weak_ptr<Session> session;
    std::string address;
  };
  std::vector<Held> sessions_;
};

/// refuse: the server is full, the request is answered 503.
std::shared_ptr<Session> makeSession(boost::asio::ip::tcp::socket socket,
                                     boost::asio::ssl::context* tls,
                                     std::shared_ptr<Sessions> sessions, bool refuse);

}  // namespace fncard::net::detail
