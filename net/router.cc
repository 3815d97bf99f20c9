// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "net/server.h"

namespace fncard::net {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  return segments;
}

bool isParameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

bool isRest(std::string_view segment) {
  return segment.size() > 3 && segment.starts_with('{') && segment.ends_with("*}");
}

// A last "{name*}" takes all that is left, slashes too: base64 in a path (RFC 6960 appendix A.1).
std::vector<std::string> joinRest(const std::vector<std::string>& pattern,
                                  std::vector<std::string> path) {
  if (!pattern.empty() && isRest(pattern.back())) {
    while (path.size() > pattern.size()) {
      path[path.size() - 2] += '/' + path.back();
      path.pop_back();
    }
  }
  return path;
}

// The parameters of path when it fits the pattern. A parameter is one segment that is not empty,
// percent-decoded after the path was taken apart: "%2F" in it is no separator.
std::optional<Router::Parameters> match(const std::vector<std::string>& pattern,
                                        const std::vector<std::string>& whole) {
  const auto path = joinRest(pattern, whole);
  if (pattern.size() != path.size()) {
    return std::nullopt;
  }
  Router::Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!isParameter(pattern[i])) {
      if (pattern[i] != path[i]) {
        return std::nullopt;
      }
      continue;
    }
    auto value = percentDecode(path[i], false);
    if (!value || value->empty()) {
      return std::nullopt;
    }
    const std::size_t marks = isRest(pattern[i]) ? 3 : 2;
    parameters[pattern[i].substr(1, pattern[i].size() - marks)] = std::move(*value);
  }
  return parameters;
}

}  // namespace

Response Router::notFound(int status) {
  const bool method = status == 405;
  return Response::json(status, std::string(R"({"error":{"code":")") +
                                    (method ? "request.method-not-allowed" : "request.not-found") +
                                    R"(","message":")" +
                                    (method ? "Method not allowed" : "Not found") +
                                    R"(","parameters":{}}})");
}

void Router::add(std::string method, std::string_view pattern, RouteHandler handler) {
  routes_.push_back({std::move(method), split(pattern), std::move(handler)});
}

void Router::onUnknown(UnknownHandler handler) {
  unknown_ = std::move(handler);
}

Response Router::unknown(const Request& request, int status) const {
  return unknown_ ? unknown_(request, status) : notFound(status);
}

Response Router::route(const Request& request) const {
  const auto path = split(request.path());
  const std::string wanted = request.method == "HEAD" ? "GET" : request.method;
  std::set<std::string> methods;
  for (const Route& route : routes_) {
    if (auto parameters = match(route.segments, path)) {
      if (route.method == wanted) {
        return route.handler(request, *parameters);
      }
      methods.insert(route.method);
    }
  }
  if (methods.empty()) {
    return unknown(request, 404);
  }
  if (methods.contains("GET")) {
    methods.insert("HEAD");
  }
  Response response = unknown(request, 405);
  std::string& allow = response.headers["allow"];
  for (const std::string& method : methods) {
    allow += (allow.empty() ? "" : ", ") + method;
  }
  return response;
}

}  // namespace fncard::net
