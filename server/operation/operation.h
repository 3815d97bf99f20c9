// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "net/server.h"
#include "server/operation/metrics.h"
#include "server/operation/rate_limit.h"

/// The server as those see it who run it: is it well, what does it do, and who asks too much.
namespace fncard::server::operation {

/// Requests a minute of one client (operation::clientOf); 0: no limit.
struct RateLimits {
  unsigned secrets = 30;  ///< calls with a user code: signing in, activation
  unsigned writes = 300;  ///< other calls that change something, but the gateway's notification
  /// The client is the last address of X-Forwarded-For, which the proxy in front of the server
  /// wrote; without a proxy anybody could write it.
  bool behindProxy = false;
};

enum class Listener { Plain, Tls };

class Operation {
 public:
  /// ready: can this server do its work now? Asked for each GET /ready.
  Operation(RateLimits limits, std::function<bool()> ready,
            RateLimit::Now now = std::chrono::steady_clock::now);

  Metrics& metrics() { return metrics_; }

  /// From now on GET /ready is 503, so that a load balancer sends nothing new.
  void drain() { draining_ = true; }

  /// GET /health: 200 while the program runs. GET /ready: 200, or 503 `request.not-ready`.
  /// Everything else goes to handler, within the limits: 429 `request.too-many` with Retry-After
  /// beyond them. This outlives the handler that is given back.
  net::Handler around(net::Handler handler, Listener listener);

  /// GET /metrics and nothing else, for a listener of its own: a proxy that passes the other ones
  /// on to the world does not reach it.
  net::Handler metricsHandler();

  /// What net::Server answers by itself, counted, in the words of docs/api.md.
  net::RefusalHandler refusals(Listener listener);

 private:
  net::Response answer(const net::Request& request, const net::Handler& handler);
  net::Response readiness(const net::Request& request) const;
  net::Response limited(const net::Request& request, const net::Handler& handler);
  [[nodiscard]] std::string clientOfRequest(const net::Request& request) const;

  RateLimits limits_;
  std::function<bool()> ready_;
  std::atomic<bool> draining_ = false;
  Metrics metrics_;
  RateLimit secrets_;
  RateLimit writes_;
};

}  // namespace fncard::server::operation
