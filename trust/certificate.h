// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

/// Certificates of the project's profile (docs/certificate-profile.md) and what a relying party
/// checks of them.
namespace fncard::trust {

using Bytes = std::vector<unsigned char>;
using Time = std::chrono::system_clock::time_point;

enum class ErrorCode {
  Malformed,
  UnsupportedAlgorithm,
  SignatureWrong,
  ChainIncomplete,
  NotYetValid,
  Expired,
  OnHold,
  Revoked,
  StatusUnknown,
  StatusUnavailable,
  WrongClass,
  WrongAssuranceLevel,
  WrongKeyUsage,
  NoSigner,
  SignerMissing,
  ContentMissing
};
struct Error {
  ErrorCode code = ErrorCode::Malformed;
  std::string detail;
};
template <typename T>
using Result = tl::expected<T, Error>;
std::string_view messageCode(ErrorCode code);  ///< "trust.revoked", …

/// Object identifiers of the profile, dotted.
inline constexpr const char* kSubjectTypeAttribute = "2.16.886.1.100.2.1";
inline constexpr const char* kNaturalPerson = "2.16.886.1.100.3.1.1";
inline constexpr const char* kPermitLastFourAttribute = "2.16.886.1.100.2.51";
inline constexpr const char* kAssuranceLevel3Policy = "2.16.886.101.0.3.3";

struct KeyUsage {
  bool digitalSignature = false;
  bool nonRepudiation = false;
  bool keyEncipherment = false;
  bool dataEncipherment = false;
  bool keyAgreement = false;
};

/// A certificate, read once and checked for form; plain values afterwards.
struct Certificate {
  Bytes der;
  std::string serial;   ///< upper-case hex
  std::string subject;  ///< RFC 2253, UTF-8
  std::string issuer;
  std::string commonName;
  std::string subjectSerial;  ///< serialNumber attribute
  Time notBefore;
  Time notAfter;
  KeyUsage keyUsage;
  std::vector<std::string> policies;
  std::string subjectType;  ///< dotted OID, or empty
  std::string permitLastFour;
  std::string email;
  std::vector<std::string> ocspUrls;
  std::vector<std::string> issuerUrls;
  std::vector<std::string> crlUrls;
  std::string keyAlgorithm;  ///< "RSA-2048", "P-256", …
  Bytes publicKey;           ///< SubjectPublicKeyInfo, DER

  /// At most 16 KiB, DER or one PEM block.
  static Result<Certificate> read(const Bytes& bytes);
};

Bytes sha256(const Bytes& data);

/// Checks a raw signature over data (hashed here with SHA-256): PKCS#1 v1.5, or DER
/// ECDSA-Sig-Value.
Result<void> verifySignature(const Bytes& subjectPublicKeyInfo, const Bytes& data,
                             const Bytes& signature);

/// Whether the issuer's name and key are those behind the certificate; nothing about either of them
/// otherwise.
bool isIssuedBy(const Certificate& certificate, const Bytes& issuerDer);

/// Path of the certificate to one of the roots at a time, with intermediates (RFC 5280 §6). No
/// status here.
Result<void> verifyChain(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                         const std::vector<Bytes>& roots, Time at);

/// As verifyChain, and every certificate of the path asserts the policy (RFC 5280 §6.1.5, explicit
/// policy required). WrongAssuranceLevel when one does not.
Result<void> verifyPolicy(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                          const std::vector<Bytes>& roots, Time at, const char* policy);

}  // namespace fncard::trust
