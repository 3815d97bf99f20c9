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
  Bytes publicKey;  ///< SubjectPublicKeyInfo, DER, RSA-2048..4096, P-256, P-384
  /// UTF-8, as on the permit, and cut after 64 characters at the end of a word; the card number for
  /// CardAuthentication.
  std::string commonName;
  std::string subjectSerial;  ///< 16 digits, random, the same for both certificates of a card
  std::string permitLastFour;
  std::string email;  ///< ASCII; may be empty
  /// Of AIA and CRL distribution point, plain HTTP (RFC 5280 §8): "http://127.0.0.1:8080"
  std::string baseUrl;
  unsigned crlShard = 0;
  Time notBefore;  ///< notAfter is five years later
};

struct IssuedCertificate {
  Bytes der;
  std::string serial;  ///< upper-case hex, 128 random bits
};

/// The CA keys' types; the OCSP and the operators' key are always P-256.
struct AuthorityKeys {
  hsm::KeyType root = hsm::KeyType::Rsa4096;
  hsm::KeyType issuing = hsm::KeyType::Rsa3072;
};

/// Makes the keys in the HSM (kCardSecretsKey too) and the certificates, valid from an hour before
/// now on. Refuses with issuance.keys-exist when the keys are there already.
Result<AuthorityCertificates> createAuthority(hsm::Hsm& hsm, Time now,
                                              const AuthorityKeys& keys = {});

/// A new certificate for the OCSP responder's key, 90 days from now: to be called before the old
/// one ends.
Result<Bytes> renewOcspCertificate(hsm::Hsm& hsm, const AuthorityCertificates& certificates,
                                   Time now);

/// The URLs in a holder's certificate; a trailing slash of baseUrl is dropped.
std::string ocspUrl(const std::string& baseUrl);                 ///< {baseUrl}/ocsp
std::string issuerUrl(const std::string& baseUrl);               ///< {baseUrl}/ca/issuing.cer
std::string crlUrl(const std::string& baseUrl, unsigned shard);  ///< {baseUrl}/crl/{shard}.crl

class Authority {
 public:
  Authority(hsm::Hsm& hsm, AuthorityCertificates certificates);
  ~Authority();
  [[nodiscard]] const AuthorityCertificates& certificates() const;

  /// Lints the to-be-signed bytes under a throwaway key (RFC 5280 and docs/certificate-profile.md),
  /// then signs. Thread-safe. Errors: issuance.key-refused, .name-refused, .email-refused,
  /// .order-refused, .issuer-expires, .lint-failed, .hsm-failed, .authority-damaged.
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
