// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace fncard::server {

/// Why a call did not succeed: what docs/api.md calls an error, with its HTTP status.
struct Error {
  int status = 500;
  std::string code;  ///< "registration.under-age"
  std::map<std::string, std::string> parameters = {};
  std::optional<std::chrono::seconds> retryAfter = {};
  /// Sentence to show instead of the code's own, when it says more: a message code, or empty.
  std::string sentence = {};
  std::string detail = {};  ///< for the log, never a secret and never sent
};
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> refused(int status, std::string code) {
  return tl::unexpected(Error{.status = status, .code = std::move(code)});
}
/// 400: a member is missing, of another type, too long or not of its form.
inline tl::unexpected<Error> invalidMember(std::string member) {
  return tl::unexpected(Error{.status = 400,
                              .code = "request.invalid-member",
                              .parameters = {{"member", std::move(member)}}});
}
/// 503: nothing happened, try again.
inline tl::unexpected<Error> tryAgain(std::string detail) {
  return tl::unexpected(Error{.status = 503,
                              .code = "request.try-again",
                              .retryAfter = std::chrono::seconds(2),
                              .detail = std::move(detail)});
}
/// 500: our own fault; the log has the detail.
inline tl::unexpected<Error> failed(std::string detail) {
  return tl::unexpected(
      Error{.status = 500, .code = "request.server-failed", .detail = std::move(detail)});
}

}  // namespace fncard::server
