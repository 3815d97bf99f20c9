// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "net/client.h"
#include "net/server.h"
#include "tests/net/raw_connection.h"
#include "tests/net/test_certificates.h"

namespace fncard::net {
namespace {

using std::chrono::milliseconds;

std::string commonName(const std::vector<unsigned char>& der) {
  const unsigned char* in = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &in, static_cast<long>(der.size())), &X509_free);
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

class Tls : public testing::Test {
 protected:
  void start(const std::string& alternativeName, bool askClients, Limits limits = {}) {
    const auto files = certificates_.issue("server", alternativeName);
    ServerOptions options;
    options.limits = limits;
    options.tls = TlsOptions{files.certificate, files.key,
                             askClients ? certificates_.caFile() : std::string{}};
    auto started = Server::start(options, [](const Request& request) {
      return Response::text(
          200, request.peerCertificate ? commonName(*request.peerCertificate) : "nobody");
    });
    ASSERT_TRUE(started.has_value()) << started.error().detail;
    server_ = std::move(*started);
  }

  [[nodiscard]] Result<Response> get(const ClientOptions& options,
                                     const std::string& host = "127.0.0.1") const {
    return Client(options).get("https://" + host + ":" + std::to_string(server_->port()) + "/");
  }

  [[nodiscard]] ClientOptions trusting() const {
    ClientOptions options;
    options.trustFile = certificates_.caFile();
    return options;
  }

  TestCertificates certificates_;
  std::unique_ptr<Server> server_;
};

TEST_F(Tls, WorksWithACheckedNameAndWithACheckedAddress) {
  start("DNS:localhost,IP:127.0.0.1", false);
  EXPECT_EQ(get(trusting(), "localhost")->body, "nobody");
  EXPECT_EQ(get(trusting(), "127.0.0.1")->body, "nobody");
}

TEST_F(Tls, RefusesAServerOfAnotherName) {
  start("DNS:portal.example,IP:127.0.0.2", false);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto response = get(trusting(), host);
    ASSERT_FALSE(response.has_value()) << host;
    EXPECT_EQ(response.error().code, ErrorCode::CertificateRefused) << response.error().detail;
  }
}

TEST_F(Tls, RefusesAServerOfACaThatIsNotTrusted) {
  start("IP:127.0.0.1", false);
  EXPECT_EQ(get(ClientOptions{}).error().code, ErrorCode::CertificateRefused)
      << "the system does not know the test's CA";
  const TestCertificates others;
  ClientOptions options;
  options.trustFile = others.caFile();
  EXPECT_EQ(get(options).error().code, ErrorCode::CertificateRefused);
}

TEST_F(Tls, GivesTheHandlerTheClientsCertificate) {
  start("IP:127.0.0.1", true);
  const auto files = certificates_.issue("station-1", "");
  ClientOptions options = trusting();
  options.certificateChainFile = files.certificate;
  options.privateKeyFile = files.key;
  const auto response = get(options);
  ASSERT_TRUE(response.has_value()) << response.error().detail;
  EXPECT_EQ(response->body, "station-1");
}

TEST_F(Tls, LetsAClientWithoutACertificateInAsNobody) {
  start("IP:127.0.0.1", true);
  EXPECT_EQ(get(trusting())->body, "nobody");
}

TEST_F(Tls, EndsTheHandshakeWithACertificateOfAnotherCa) {
  start("IP:127.0.0.1", true);
  TestCertificates others;
  const auto files = others.issue("station-1", "");
  ClientOptions options = trusting();
  options.certificateChainFile = files.certificate;
  options.privateKeyFile = files.key;
  const auto response = get(options);
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().code == ErrorCode::TlsFailed ||
              response.error().code == ErrorCode::ConnectionLost)
      << response.error().detail;
}

TEST_F(Tls, DoesNotAskForACertificateWithoutAClientCa) {
  start("IP:127.0.0.1", false);
  const auto files = certificates_.issue("station-1", "");
  ClientOptions options = trusting();
  options.certificateChainFile = files.certificate;
  options.privateKeyFile = files.key;
  EXPECT_EQ(get(options)->body, "nobody");
}

TEST_F(Tls, EndsAConnectionThatDoesNotShakeHands) {
  start("IP:127.0.0.1", false, {.headerTime = milliseconds(50)});
  RawConnection silent(server_->port());
  EXPECT_EQ(silent.readAll(), "");
}

TEST_F(Tls, GivesNoAnswerToPlainHttp) {
  start("IP:127.0.0.1", false);
  RawConnection plain(server_->port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(plain.readAll(), testing::Not(testing::HasSubstr("HTTP/1.1")));
}

TEST_F(Tls, AnswersBusyOverItsConnections) {
  start("IP:127.0.0.1", false, {.connections = 0});
  const auto response = get(trusting());
  ASSERT_TRUE(response.has_value()) << response.error().detail;
  EXPECT_EQ(response->status, 503);
}

TEST_F(Tls, SaysWhichFileCannotBeUsed) {
  ServerOptions options;
  options.tls = TlsOptions{"no-such.pem", "no-such.key", ""};
  const auto server = Server::start(options, [](const Request&) { return Response{}; });
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::TlsFailed);
  EXPECT_THAT(server.error().detail, testing::HasSubstr("no-such.pem"));
}

TEST_F(Tls, NeverGoesOnWithoutTheClientsTrustFile) {
  start("IP:127.0.0.1", false);
  ClientOptions options;
  options.trustFile = "no-such.pem";
  EXPECT_EQ(get(options).error().code, ErrorCode::TlsFailed);
}

}  // namespace
}  // namespace fncard::net
