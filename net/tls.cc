// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <utility>

namespace fncard::net::detail {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

tl::unexpected<Error> failed(const std::string& what, const error_code& error) {
  return tl::unexpected(Error{ErrorCode::TlsFailed, what + ": " + error.message()});
}

Result<void> useCertificate(ssl::context& context, const std::string& chainFile,
                            const std::string& keyFile) {
  error_code error;
  context.use_certificate_chain_file(chainFile, error);
  if (error) {
    return failed(chainFile, error);
  }
  context.use_private_key_file(keyFile, ssl::context::pem, error);
  if (error) {
    return failed(keyFile, error);
  }
  return {};
}

void restrict(ssl::context& context) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
}

}  // namespace

Result<ssl::context> serverContext(const TlsOptions& options) {
  ssl::context context(ssl::context::tls_server);
  restrict(context);
  SSL_CTX_set_num_tickets(context.native_handle(), 0);
  if (auto used = useCertificate(context, options.certificateChainFile, options.privateKeyFile);
      !used) {
    return tl::unexpected(used.error());
  }
  if (options.clientCaFile.empty()) {
    return context;
  }
  error_code error;
  context.load_verify_file(options.clientCaFile, error);
  if (error) {
    return failed(options.clientCaFile, error);
  }
  context.set_verify_mode(ssl::verify_peer, error);
  SSL_CTX_set_client_CA_list(context.native_handle(),
                             SSL_load_client_CA_file(options.clientCaFile.c_str()));
  return context;
}

Result<ssl::context> clientContext(const ClientOptions& options) {
  ssl::context context(ssl::context::tls_client);
  restrict(context);
  error_code error;
  if (options.trustFile.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(options.trustFile, error);
  }
  if (error) {
    return failed(options.trustFile.empty() ? "the system's trust" : options.trustFile, error);
  }
  context.set_verify_mode(ssl::verify_peer, error);
  if (!options.certificateChainFile.empty()) {
    if (auto used = useCertificate(context, options.certificateChainFile, options.privateKeyFile);
        !used) {
      return tl::unexpected(used.error());
    }
  }
  return context;
}

bool expectHost(SSL* connection, const std::string& host) {
  error_code notAnAddress;
  boost::asio::ip::make_address(host, notAnAddress);
  if (!notAnAddress) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  }
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(connection, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

}  // namespace fncard::net::detail
