// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace fncard::net {

/// What can go wrong between two programs on a network.
enum class ErrorCode {
  InvalidUrl,
  NameNotFound,
  Refused,
  Timeout,
  TlsFailed,
  CertificateRefused,
  ConnectionLost,
  TooLarge,
  Malformed,
  ListenFailed
};
struct Error {
  ErrorCode code = ErrorCode::ConnectionLost;
  std::string detail;
};
template <typename T>
using Result = tl::expected<T, Error>;
/// "net.timeout", …: the code of the sentence for people.
std::string_view messageCode(ErrorCode code);

/// Header fields by lower-case name. A field that came twice is refused by the server before a
/// handler sees it, but for those that RFC 9110 lets a sender repeat, which are joined by ", ".
using Headers = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;  ///< "GET", "POST", …
  std::string target;  ///< path and query as sent: "/api/v1/order?x=1"
  Headers headers;
  std::string body;
  /// Server side only: the peer's address, and its certificate (DER) when the listener asked for
  /// one and it was checked.
  std::string peerAddress;
  std::optional<std::vector<unsigned char>> peerCertificate;

  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  [[nodiscard]] std::string header(std::string_view lowerCaseName) const;  ///< empty when absent
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  static Response json(int status, std::string body);
  static Response text(int status, std::string body);
  static Response html(int status, std::string body);
  static Response bytes(int status, std::string contentType, std::string body);
  static Response noContent();
};

/// An absolute http or https URL, taken apart (RFC 3986). No user information, no fragment.
struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string target = "/";

  static Result<Url> parse(std::string_view text);
  [[nodiscard]] std::string origin() const;  ///< "https://host:port", the port always written
};

/// application/x-www-form-urlencoded, in order, keys may repeat. At most 200 fields.
using Form = std::vector<std::pair<std::string, std::string>>;
Result<Form> parseForm(std::string_view body);
std::string encodeForm(const Form& form);
std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace);
std::string formValue(const Form& form, std::string_view key);  ///< empty when absent

}  // namespace fncard::net
