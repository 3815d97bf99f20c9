// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

#include "net/http.h"

/// What session.cc reads and writes, apart from the connection itself; nobody else includes it.
namespace fncard::net::detail {

/// ASCII letters in lower case, as names of header fields and codings are compared.
std::string lower(std::string_view text);

/// Method, target and header fields of a message; the status of a refusal, or 0. Refused are fields
/// that came twice and are no lists, HTTP/1.1 without Host, and all that smuggles requests past a
/// proxy (RFC 9112 §6.3).
int takeHead(const boost::beast::http::request<boost::beast::http::string_body>& message,
             Request& request);

/// 400, 413 or 431 for what Beast's parser did not like.
int refusalOf(const boost::system::error_code& error);

/// What the server answers by itself, in the form of docs/api.md.
Response ownAnswer(int status);

/// No control characters: it may stand in a header.
bool isFieldValue(std::string_view value);

/// Now, in the form of RFC 9110 §5.6.7, in English whatever the locale.
std::string httpDate();

}  // namespace fncard::net::detail
