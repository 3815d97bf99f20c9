// SPDX-License-Identifier: Apache-2.0
#include "server/operation/operation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server/api/call.h"

namespace fncard::server::operation {
namespace {

constexpr std::array<std::string_view, 5> kWithUserCode = {"/api/v1/session", "/api/v1/activations",
                                                           "/api/v1/unblockings", "/sign-in",
                                                           "/order/suspension"};
// machines of the outside world, which come from one address: OCSP clients behind a site, the
// gateway
constexpr std::array<std::string_view, 2> kUnlimited = {"/ocsp", "/payment/notify"};

bool isOneOf(std::string_view path, const auto& paths) {
  return std::ranges::find(paths, path) != paths.end();
}

bool isRead(const net::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::string_view codeOf(int status) {
  switch (status) {
    case 408:
      return "request.timeout";
    case 413:
      return "request.too-large";
    case 431:
      return "request.header-too-large";
    case 500:
      return "request.server-failed";
    case 501:
      return "request.not-implemented";
    case 503:
      return "request.try-again";
    default:
      return "request.malformed";
  }
}

// Browsers keep it for every port of the name: on this PC itself, other people's servers among them
// (RFC 6797 §8.1.1 leaves addresses out; §14.5).
bool isThisPc(const net::Request& request) {
  std::string host = request.header("host");
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
         request.header("host").starts_with("[::1]");
}

void secure(const net::Request& request, Listener listener, net::Response& response) {
  response.headers.try_emplace("x-content-type-options", "nosniff");
  if (listener == Listener::Tls && !isThisPc(request)) {
    response.headers.try_emplace("strict-transport-security", "max-age=31536000");
  }
}

net::Response ok() {
  return api::json(200, {{"status", "ok"}});
}

}  // namespace

Operation::Operation(RateLimits limits, std::function<bool()> ready, RateLimit::Now now)
    : limits_(limits),
      ready_(std::move(ready)),
      secrets_(limits.secrets, now),
      writes_(limits.writes, now) {}

net::Handler Operation::around(net::Handler handler, Listener listener) {
  return [this, listener, handler = std::move(handler)](const net::Request& request) {
    net::Response response = answer(request, handler);
    secure(request, listener, response);
    return response;
  };
}

net::RefusalHandler Operation::refusals(Listener listener) {
  return [this, listener](const net::Request& request, int status) {
    metrics_.countRefusal(status);
    constexpr int kBusy = 503;
    net::Response response = api::errorResponse(
        request,
        {.status = status,
         .code = std::string(codeOf(status)),
         .retryAfter = status == kBusy ? std::optional(std::chrono::seconds(1)) : std::nullopt});
    secure(request, listener, response);
    return response;
  };
}

net::Handler Operation::metricsHandler() {
  return [this](const net::Request& request) {
    constexpr int kNotFound = 404;
    return isRead(request) && request.path() == "/metrics"
               ? net::Response::bytes(200, "text/plain; version=0.0.4; charset=utf-8",
                                      metrics_.text())
               : net::Response::text(kNotFound, "Only /metrics is here.\n");
  };
}

net::Response Operation::answer(const net::Request& request, const net::Handler& handler) {
  const std::string_view path = request.path();
  if (isRead(request)) {
    if (path == "/health") {
      return ok();
    }
    if (path == "/ready") {
      return readiness(request);
    }
    return handler(request);
  }
  return limited(request, handler);
}

net::Response Operation::readiness(const net::Request& request) const {
  if (!draining_ && ready_()) {
    return ok();
  }
  return api::errorResponse(
      request, {.status = 503, .code = "request.not-ready", .retryAfter = std::chrono::seconds(2)});
}

net::Response Operation::limited(const net::Request& request, const net::Handler& handler) {
  const bool secret = isOneOf(request.path(), kWithUserCode);
  // Officers and stations are known by name and answer for what they do; for calls of applicants
  // their certificate, which may be withdrawn by now, is worth nothing.
  if ((request.peerCertificate && !secret) || isOneOf(request.path(), kUnlimited)) {
    return handler(request);
  }
  const auto wait = (secret ? secrets_ : writes_).take(clientOfRequest(request));
  if (!wait) {
    return handler(request);
  }
  metrics_.countRateLimited(secret ? "secrets" : "writes");
  return api::errorResponse(request, {.status = 429,
                                      .code = "request.too-many",
                                      .parameters = {{"seconds", std::to_string(wait->count())}},
                                      .retryAfter = *wait});
}

std::string Operation::clientOfRequest(const net::Request& request) const {
  const std::string forwarded =
      limits_.behindProxy ? request.header("x-forwarded-for") : std::string();
  if (forwarded.empty()) {
    return clientOf(request.peerAddress);
  }
  const std::size_t last = forwarded.find_last_of(", ");
  return clientOf(last == std::string::npos ? forwarded : forwarded.substr(last + 1));
}

}  // namespace fncard::server::operation
