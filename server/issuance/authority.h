// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/hsm/hsm.h"

/// The certification authority: builds, lints and signs certificates; knows nothing of orders,
/// stores or HTTP.
namespace fncard::server::issuance {

using Bytes = std::vector<unsigned char>;
using Time = std::chrono::system_clock::time_point;

struct Error {
  std::string code;  ///< message code: "issuance.lint-failed", …
  std::string detail;
};
template <typename T>
using Result = tl::expected<T, Error>;

/// Labels of the keys in the HSM.
inline constexpr const char* kRootKey = "fncard-root";
inline constexpr const char* kIssuingKey = "fncard-issuing";
inline constexpr const char* kOcspKey = "fncard-ocsp";
inline constexpr const char* kOperatorsKey = "fncard-operators";
inline constexpr const char* kCardSecretsKey = "fncard-card-secrets";

/// CA certificates, DER, as init made them.
struct AuthorityCertificates {
  Bytes root;     ///< self-signed, 20 years
  Bytes issuing;  ///< by root, 10 years, pathlen 0
  Bytes
      ocsp;  ///< delegated responder by issuing (RFC 6960 §4.2.2.2, id-pkix-ocsp-nocheck), 90 days
  Bytes
      operators;  ///< self-signed: officers, stations and the server's own sandbox TLS certificate
};

enum class CertificateUse { Signature, KeyManagement, CardAuthentication };

struct CertificateOrder {
  CertificateUse use = CertificateUse::Signature;
  Bytes publicKey;            ///< SubjectPublicKeyInfo, DER, RSA-2048..4096, P-256, P-384
  std::string commonName;     ///< UTF-8, as on the permit
  std::string subjectSerial;  ///< 16 digits, random, the same for both certificates of a card
  std::string permitLastFour;
  std::string email;    ///< may be empty
  std::string baseUrl;  ///< of AIA and CRL distribution point: "http://127.0.0.1:8080"
  unsigned crlShard = 0;
  Time notBefore;  ///< notAfter is five years later
};

struct IssuedCertificate {
  Bytes der;
  std::string serial;  ///< upper-case hex, 128 random bits
};

/// Makes the keys in the HSM and the certificates. Refuses when the keys are there already.
Result<AuthorityCertificates> createAuthority(hsm::Hsm& hsm, Time now);

class Authority {
 public:
  Authority(hsm::Hsm& hsm, AuthorityCertificates certificates);
  ~Authority();
  [[nodiscard]] const AuthorityCertificates& certificates() const;

  /// Lints the to-be-signed bytes under a throwaway key (RFC 5280 and docs/certificate-profile.md),
  /// then signs.
  Result<IssuedCertificate> issue(const CertificateOrder& order);

  /// A TLS client certificate of an officer or a station (CN = name, OU = role), or with hostNames
  /// a TLS server one. Two years, by the operators' CA. publicKey as above.
  Result<IssuedCertificate> issueOperator(const std::string& name, const std::string& role,
                                          const Bytes& publicKey,
                                          const std::vector<std::string>& hostNames, Time now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fncard::server::issuance
