// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/origin.h"

#include <algorithm>
#include <charconv>

namespace fncard::agent::operations {
namespace {

constexpr std::size_t kMaxLabel = 63;

bool isDigit(char character) {
  return character >= '0' && character <= '9';
}

bool isLetterOrDigit(char character) {
  return isDigit(character) || (character >= 'a' && character <= 'z');
}

bool isLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, [](char character) {
           return isLetterOrDigit(character) || character == '-' || character == '_';
         });
}

bool isName(std::string_view host) {
  if (host.size() > Origin::kMaxHost) {
    return false;
  }
  while (true) {
    const std::size_t dot = host.find('.');
    if (!isLabel(host.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    host.remove_prefix(dot + 1);
  }
}

bool isAddress6(std::string_view host) {
  constexpr std::size_t kMaxAddress = 41;
  return host.size() > 2 && host.size() <= kMaxAddress && host.front() == '[' &&
         host.back() == ']' &&
         std::ranges::all_of(host.substr(1, host.size() - 2), [](char character) {
           return isDigit(character) || (character >= 'a' && character <= 'f') || character == ':';
         });
}

bool isPort(std::string_view text, unsigned ofScheme) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '0' &&
         port <= 65'535 && port != ofScheme;
}

bool isThisPc(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace

std::optional<Origin> Origin::parse(std::string_view text) {
  constexpr std::string_view kSecure = "https://";
  constexpr std::string_view kPlain = "http://";
  const bool secure = text.starts_with(kSecure);
  if (!secure && !text.starts_with(kPlain)) {
    return std::nullopt;
  }
  std::string_view host = text.substr(secure ? kSecure.size() : kPlain.size());
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    if (!isPort(host.substr(colon + 1), secure ? 443 : 80)) {
      return std::nullopt;
    }
    host = host.substr(0, colon);
  }
  if ((!isName(host) && !isAddress6(host)) || (!secure && !isThisPc(host))) {
    return std::nullopt;
  }
  return Origin(text);
}

}  // namespace fncard::agent::operations
