// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "net/client.h"
#include "net/server.h"

/// TLS set up once for both sides; included by .cc files of net only.
namespace fncard::net::detail {

/// TLS 1.2 and later, no session resumption: a client certificate is checked on every connection.
Result<boost::asio::ssl::context> serverContext(const TlsOptions& options);

/// TLS 1.2 and later; the peer is always checked.
Result<boost::asio::ssl::context> clientContext(const ClientOptions& options);

/// Asks for the name (SNI) and has it checked: a DNS name or an IP address (RFC 6125, RFC 5280
/// §4.2.1.6).
bool expectHost(SSL* connection, const std::string& host);

}  // namespace fncard::net::detail
