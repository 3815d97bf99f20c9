// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
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
  Sessions(Limits limitsOfServer, Handler handlerOfServer)
      : limits(limitsOfServer), handler(std::move(handlerOfServer)) {}

  const Limits limits;
  const Handler handler;

  void add(const std::shared_ptr<Session>& session);
  [[nodiscard]] std::size_t count();
  void stopAll();

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Session>> sessions_;
};

/// refuse: the server is full, the request is answered 503.
std::shared_ptr<Session> makeSession(boost::asio::ip::tcp::socket socket,
                                     boost::asio::ssl::context* tls,
                                     std::shared_ptr<Sessions> sessions, bool refuse);

}  // namespace fncard::net::detail
