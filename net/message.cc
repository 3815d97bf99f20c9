// SPDX-License-Identifier: Apache-2.0
#include "net/message.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <ctime>

namespace fncard::net::detail {
namespace {

namespace http = boost::beast::http;

// Fields that are lists, which a sender may split over several lines (RFC 9110 §5.3).
bool isListField(std::string_view name) {
  static constexpr std::array<std::string_view, 19> kLists = {"accept",
                                                              "accept-charset",
                                                              "accept-encoding",
                                                              "accept-language",
                                                              "allow",
                                                              "cache-control",
                                                              "connection",
                                                              "content-encoding",
                                                              "content-language",
                                                              "forwarded",
                                                              "if-match",
                                                              "if-none-match",
                                                              "pragma",
                                                              "te",
                                                              "trailer",
                                                              "upgrade",
                                                              "vary",
                                                              "via",
                                                              "x-forwarded-for"};
  return std::ranges::find(kLists, name) != kLists.end();
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

Response ownAnswer(int status) {
  std::string_view code = "request.malformed";
  switch (status) {
    case 408:
      code = "request.timeout";
      break;
    case 413:
      code = "request.too-large";
      break;
    case 431:
      code = "request.header-too-large";
      break;
    case 500:
      code = "server.failed";
      break;
    case 501:
      code = "request.not-implemented";
      break;
    case 503:
      code = "server.busy";
      break;
    default:
      break;
  }
  const std::string reason(http::obsolete_reason(static_cast<http::status>(status)));
  Response response =
      Response::json(status, R"({"error":{"code":")" + std::string(code) + R"(","message":")" +
                                 reason + R"(","parameters":{}}})");
  if (status == 503) {
    response.headers["retry-after"] = "1";
  }
  return response;
}

int refusalOf(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    return 413;
  }
  return error == http::error::header_limit || error == http::error::buffer_overflow ? 431 : 400;
}

std::string httpDate() {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                            "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                     kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

bool isFieldValue(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  });
}

int takeHead(const http::request<http::string_body>& message, Request& request) {
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) {
    std::string name = lower(field.name_string());
    const auto [place, added] = request.headers.try_emplace(name, std::string(field.value()));
    if (!added) {
      if (!isListField(name)) {
        return 400;
      }
      place->second += ", " + std::string(field.value());
    }
  }
  if (message.version() >= 11 && !request.headers.contains("host")) {
    return 400;
  }
  if (const auto coding = request.headers.find("transfer-encoding");
      coding != request.headers.end()) {
    // Both lengths at once is how requests are smuggled past a proxy (RFC 9112 §6.3).
    if (request.headers.contains("content-length") || message.version() < 11) {
      return 400;
    }
    if (lower(coding->second) != "chunked") {
      return 501;
    }
  }
  if (request.target.starts_with('/')) {
    return 0;
  }
  const auto absolute = Url::parse(request.target);  // RFC 9112 §3.2.2
  if (!absolute) {
    return 400;
  }
  request.target = absolute->target;
  return 0;
}

}  // namespace fncard::net::detail
