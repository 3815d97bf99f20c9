// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "net/http.h"

namespace fncard::net {
namespace {

constexpr std::size_t kMaxUrlBytes = std::size_t{8} * 1024;
constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 §2.3.4, as text

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool isAddressCharacter(char c) {  // inside the brackets of an IPv6 address
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

bool isTargetCharacter(char c) {
  return c > ' ' && c < 0x7F && c != '#';
}

tl::unexpected<Error> invalid(std::string detail) {
  return tl::unexpected(Error{ErrorCode::InvalidUrl, std::move(detail)});
}

// "host", "host:port", "[address]:port": the port's digits are what is behind the host.
Result<void> parseAuthority(std::string_view authority, Url& url) {
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) {
      return invalid("bracket without end");
    }
    url.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
  } else {
    const std::size_t colon = authority.find(':');
    url.host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  std::ranges::transform(url.host, url.host.begin(), lower);
  const auto allowed = authority.starts_with('[') ? isAddressCharacter : isHostCharacter;
  if (url.host.empty() || url.host.size() > kMaxHostBytes ||
      !std::ranges::all_of(url.host, allowed)) {
    return invalid("host");
  }
  if (rest.empty()) {
    return {};
  }
  const std::string_view digits = rest.substr(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
  if (rest.front() != ':' || error != std::errc{} || end != digits.data() + digits.size() ||
      url.port == 0) {
    return invalid("port");
  }
  return {};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxUrlBytes) {
    return invalid("too long");
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) {
    return invalid("no scheme");
  }
  std::string scheme(text.substr(0, colon));
  std::ranges::transform(scheme, scheme.begin(), lower);
  if (scheme != "http" && scheme != "https") {
    return invalid("scheme");
  }
  Url url;
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = rest.find_first_of("/?#");
  if (auto authority = parseAuthority(rest.substr(0, slash), url); !authority) {
    return tl::unexpected(authority.error());
  }
  if (slash != std::string_view::npos) {
    url.target = rest.substr(slash);
    if (url.target.front() == '?') {
      url.target.insert(0, 1, '/');
    }
  }
  if (!std::ranges::all_of(url.target, isTargetCharacter)) {
    return invalid("path or query");
  }
  return url;
}

std::string Url::origin() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (bracketed ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

}  // namespace fncard::net
