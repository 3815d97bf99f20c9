// SPDX-License-Identifier: Apache-2.0
#include "server/pages/cookies.h"

namespace fncard::server::pages {
namespace {

constexpr std::string_view kAttributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string cookieOf(const net::Request& request, std::string_view name) {
  const std::string field = request.header("cookie");
  std::string_view rest = field;
  std::string value;
  int found = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      value = pair.substr(equals + 1);
      ++found;
    }
  }
  return found == 1 ? value : std::string();
}

void setCookie(net::Response& response, std::string_view name, std::string_view value,
               CookieLife life) {
  std::string& field = response.headers["set-cookie"];
  field = std::string(name) + "=" + std::string(value) + std::string(kAttributes);
  if (life == CookieLife::Year) {
    field += "; Max-Age=31536000";
  }
}

void clearCookie(net::Response& response, std::string_view name) {
  response.headers["set-cookie"] =
      std::string(name) + "=" + std::string(kAttributes) + "; Max-Age=0";
}

}  // namespace fncard::server::pages
