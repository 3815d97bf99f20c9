// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

#include <utility>

namespace fncard::net {

std::string_view messageCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidUrl:
      return "net.invalid-url";
    case ErrorCode::NameNotFound:
      return "net.name-not-found";
    case ErrorCode::Refused:
      return "net.refused";
    case ErrorCode::Timeout:
      return "net.timeout";
    case ErrorCode::TlsFailed:
      return "net.tls-failed";
    case ErrorCode::CertificateRefused:
      return "net.certificate-refused";
    case ErrorCode::ConnectionLost:
      return "net.connection-lost";
    case ErrorCode::TooLarge:
      return "net.too-large";
    case ErrorCode::Malformed:
      return "net.malformed";
    case ErrorCode::ListenFailed:
      return "net.listen-failed";
  }
  return "net.connection-lost";
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::string Request::header(std::string_view lowerCaseName) const {
  const auto field = headers.find(lowerCaseName);
  return field == headers.end() ? std::string{} : field->second;
}

Response Response::bytes(int status, std::string contentType, std::string body) {
  Response response;
  response.status = status;
  response.headers["content-type"] = std::move(contentType);
  response.body = std::move(body);
  return response;
}

Response Response::json(int status, std::string body) {
  return bytes(status, "application/json", std::move(body));
}

Response Response::text(int status, std::string body) {
  return bytes(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::html(int status, std::string body) {
  return bytes(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::noContent() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace fncard::net
