// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "net/http.h"

namespace fncard::net {

struct Limits {
  std::size_t headerBytes = std::size_t{8} * 1024;
  std::size_t bodyBytes = std::size_t{1024} * 1024;
  std::size_t connections = 256;
  /// Of one address; 0: no bound of its own, as behind a proxy, from where all come.
  std::size_t connectionsPerAddress = 64;
  std::chrono::milliseconds headerTime{
      5'000};  ///< from connection or last answer to a whole header
  std::chrono::milliseconds requestTime{30'000};  ///< to read the body and to write the answer
};

struct TlsOptions {
  std::string certificateChainFile;  ///< PEM
  std::string privateKeyFile;        ///< PEM
  /// When set: clients are asked for a certificate; one that this CA (PEM file) did not issue ends
  /// the handshake; no certificate at all is allowed, and the handler sees none.
  std::string clientCaFile;
};

/// Writes what the server answers by itself: a handler never saw the request, or threw. The request
/// is there as far as it was read; its headers may be missing. On any thread.
using RefusalHandler = std::function<Response(const Request&, int status)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one, see Server::port()
  unsigned threads = 2;    ///< read, write and decrypt
  unsigned handlers = 16;  ///< threads that handlers run on, so many at once; others wait
  Limits limits;
  RefusalHandler onRefusal;  ///< none: JSON as in docs/api.md, in English
  std::optional<TlsOptions> tls;
};

/// Handlers run on threads of their own, several at once. One that throws is answered 500 and
/// logged.
using Handler = std::function<Response(const Request&)>;

/// HTTP/1.1 over Boost.Beast with a bound on everything. Answers 400, 408, 413, 431, 500, 501 and
/// 503 by itself.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
  virtual ~Server() = default;  ///< stops: no new connections, running requests end, threads joined
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  virtual void stop() = 0;
};

/// Maps method and path pattern to handlers: "/api/v1/orders/{id}"; HEAD goes to the handler of
/// GET; a last segment "{name*}" takes the rest of the path with its slashes. Unknown path 404,
/// known path with another method 405 with Allow. Both with the body that notFound() gives, or what
/// onUnknown() was given. Routes are added before the server starts.
class Router {
 public:
  using Parameters = std::map<std::string, std::string, std::less<>>;
  using RouteHandler = std::function<Response(const Request&, const Parameters&)>;
  using UnknownHandler = std::function<Response(const Request&, int status)>;
  /// The error of docs/api.md for 404 and 405, in English.
  static Response notFound(int status);
  void onUnknown(UnknownHandler handler);
  void add(std::string method, std::string_view pattern, RouteHandler handler);
  [[nodiscard]] Response route(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  [[nodiscard]] Response unknown(const Request& request, int status) const;
  std::vector<Route> routes_;
  UnknownHandler unknown_;
};

}  // namespace fncard::net
