// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "server/hsm/hsm.h"
#include "server/issuance/authority.h"
#include "server/operation/operation.h"
#include "server/session/user_code.h"

/// fncard-server: what `init` makes in a directory and every other command reads there.
namespace fncard::server::program {

/// Why a command stopped: one sentence for the person who runs the server.
struct Failure {
  std::string sentence;
};
template <typename T>
using Outcome = tl::expected<T, Failure>;
inline tl::unexpected<Failure> stop(std::string sentence) {
  return tl::unexpected(Failure{std::move(sentence)});
}

/// Names of the files in the server's directory.
struct Files {
  explicit Files(std::string serverDirectory) : directory(std::move(serverDirectory)) {}
  [[nodiscard]] std::string operator()(const std::string& name) const {
    return directory + "/" + name;
  }
  std::string directory;
};
inline constexpr const char* kConfigurationFile = "fncard-server.toml";
inline constexpr const char* kDatabaseFile = "server.db";
inline constexpr const char* kTokenDirectory = "softhsm";
inline constexpr const char* kPinFile = "hsm.pin";
inline constexpr const char* kRootFile = "root.pem";
inline constexpr const char* kIssuingFile = "issuing.pem";
inline constexpr const char* kOcspFile = "ocsp.pem";
inline constexpr const char* kOperatorsFile = "operators-ca.pem";
inline constexpr const char* kTlsCertificateFile = "tls.pem";
inline constexpr const char* kTlsKeyFile = "tls.key";

struct Configuration {
  std::string baseUrl;    ///< in certificates and payment forms; empty: http://127.0.0.1:PORT
  std::string portalUrl;  ///< where browsers find the pages; empty: https://localhost:TLSPORT
  bool sandbox = false;
  hsm::Options hsm;
  bool softHsm = true;
  std::string registryUrl;
  std::string gatewayUrl;
  std::string merchantId;
  std::string hashKey;
  std::string hashIv;
  session::HashCost hashCost;
  unsigned crlShards = 8;
  net::Limits limits;
  operation::RateLimits rateLimits;
  std::string node;   ///< whose audit chain it writes: one name a node of the same database
  std::string store;  ///< "postgresql://…"; empty: SQLite in the directory
  /// Of orders that are revoked or expired; their personal data is erased afterwards.
  unsigned daysKept = 2'557;
};

/// Relative names of files are in the directory. A setting that is unknown, of the wrong type or
/// out of range is told, not guessed.
Outcome<Configuration> readConfiguration(const Files& files);
/// Whether a server may serve with it: outside the sandbox it names registry, gateway and its
/// secrets and its public address, and has a TLS certificate.
Outcome<void> checkComplete(const Files& files, const Configuration& configuration);
/// To a new file of mode 0600: it holds the gateway's key.
Outcome<void> writeConfiguration(const Files& files, const Configuration& configuration);

Outcome<issuance::AuthorityCertificates> readCertificates(const Files& files);
Outcome<void> writeCertificates(const Files& files,
                                const issuance::AuthorityCertificates& certificates);

}  // namespace fncard::server::program
