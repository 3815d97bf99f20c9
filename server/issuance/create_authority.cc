// SPDX-License-Identifier: Apache-2.0
// The hierarchy: root → issuing CA → OCSP responder; the operators' CA beside it.
#include "server/issuance/authority.h"
#include "server/issuance/extensions.h"
#include "server/issuance/names.h"
#include "server/issuance/signing.h"
#include "trust/certificate.h"

namespace fncard::server::issuance {
namespace {

using trust::openssl::X509Pointer;

struct AuthorityKind {
  const char* keyLabel;
  const char* unit;
  const char* commonName;
  int years;
  int pathLength;
  const char* policy;  ///< null: none
};
constexpr AuthorityKind kRoot{kRootKey, "Certification", "fncard reference root CA", 20,
                              1,        nullptr};
constexpr AuthorityKind kIssuing{kIssuingKey,
                                 "Certification",
                                 "fncard reference issuing CA",
                                 10,
                                 0,
                                 trust::kAssuranceLevel3Policy};
constexpr AuthorityKind kOperators{
    kOperatorsKey, "Operators", "fncard reference operators CA", 10, 0, nullptr};

constexpr std::chrono::days kResponderValidity{90};

/// Clocks of relying parties may be late.
constexpr std::chrono::hours kBackdate{1};

Error failed(const std::string& detail) {
  return Error{"issuance.hsm-failed", detail};
}

Result<hsm::Key> keyOf(hsm::Hsm& hsm, const char* label) {
  auto key = hsm.key(label);
  if (!key) {
    return tl::unexpected(failed(key.error().detail));
  }
  return std::move(*key);
}

/// A CA certificate by issuer (RFC 5280 §4.2.1.9), self-signed without one.
Result<Bytes> certifyAuthority(hsm::Hsm& hsm, const AuthorityKind& kind, X509* issuer,
                               const char* issuerLabel, Time begin) {
  const auto key = keyOf(hsm, kind.keyLabel);
  const auto issuerKey = keyOf(hsm, issuerLabel);
  if (!key || !issuerKey) {
    return tl::unexpected(!key ? key.error() : issuerKey.error());
  }
  const auto certificate =
      beginCertificate(key->get(), issuer, begin, yearsAfter(begin, kind.years));
  const bool built =
      certificate &&
      addAuthorityName(X509_get_subject_name(certificate.get()), kind.unit, kind.commonName) &&
      (issuer != nullptr ||
       X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1) &&
      addCaConstraints(certificate.get(), kind.pathLength) &&
      addKeyUsage(certificate.get(), {KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign}) &&
      (kind.policy == nullptr || addPolicy(certificate.get(), kind.policy)) &&
      addKeyIdentifiers(certificate.get(), issuer);
  if (!built) {
    return tl::unexpected(failed(trust::openssl::takeErrors()));
  }
  return signCertificate(certificate.get(), issuerKey->get(), issuerKey->get());
}

Result<void> makeKeys(hsm::Hsm& hsm, const AuthorityKeys& keys) {
  const std::pair<const char*, hsm::KeyType> wanted[] = {
      {kRootKey, keys.root},
      {kIssuingKey, keys.issuing},
      {kOcspKey, hsm::KeyType::EcP256},
      {kOperatorsKey, hsm::KeyType::EcP256},
  };
  for (const auto& [label, type] : wanted) {
    if (hsm.key(label)) {
      return tl::unexpected(Error{"issuance.keys-exist", label});
    }
  }
  // first, because it refuses by itself when it is there: nothing else has been made then
  if (auto made = hsm.generateDerivationKey(kCardSecretsKey); !made) {
    return tl::unexpected(Error{"issuance.keys-exist", made.error().detail});
  }
  for (const auto& [label, type] : wanted) {
    if (auto made = hsm.generateKeyPair(label, type); !made) {
      return tl::unexpected(failed(made.error().detail));
    }
  }
  return {};
}

}  // namespace

Result<AuthorityCertificates> createAuthority(hsm::Hsm& hsm, Time now, const AuthorityKeys& keys) {
  if (auto made = makeKeys(hsm, keys); !made) {
    return tl::unexpected(made.error());
  }
  const Time begin = now - kBackdate;
  AuthorityCertificates certificates;
  const auto root = certifyAuthority(hsm, kRoot, nullptr, kRootKey, begin);
  if (!root) {
    return tl::unexpected(root.error());
  }
  certificates.root = *root;
  const auto issuing = certifyAuthority(
      hsm, kIssuing, trust::openssl::decodedCertificate(*root).get(), kRootKey, begin);
  const auto operators = certifyAuthority(hsm, kOperators, nullptr, kOperatorsKey, begin);
  if (!issuing || !operators) {
    return tl::unexpected(!issuing ? issuing.error() : operators.error());
  }
  certificates.issuing = *issuing;
  certificates.operators = *operators;
  const auto ocsp = renewOcspCertificate(hsm, certificates, now);
  if (!ocsp) {
    return tl::unexpected(ocsp.error());
  }
  certificates.ocsp = *ocsp;
  return certificates;
}

Result<Bytes> renewOcspCertificate(hsm::Hsm& hsm, const AuthorityCertificates& certificates,
                                   Time now) {
  const auto issuer = trust::openssl::decodedCertificate(certificates.issuing);
  if (!issuer) {
    return tl::unexpected(Error{"issuance.authority-damaged", "issuing"});
  }
  const auto key = keyOf(hsm, kOcspKey);
  const auto issuerKey = keyOf(hsm, kIssuingKey);
  if (!key || !issuerKey) {
    return tl::unexpected(!key ? key.error() : issuerKey.error());
  }
  const auto certificate =
      beginCertificate(key->get(), issuer.get(), now - kBackdate, now + kResponderValidity);
  const bool built = certificate &&
                     addAuthorityName(X509_get_subject_name(certificate.get()), "Certification",
                                      "fncard reference OCSP responder") &&
                     addKeyUsage(certificate.get(), {KeyUsageBit::DigitalSignature}) &&
                     addExtendedKeyUsage(certificate.get(), NID_OCSP_sign) &&
                     addOcspNoCheck(certificate.get()) &&
                     addKeyIdentifiers(certificate.get(), issuer.get());
  if (!built) {
    return tl::unexpected(failed(trust::openssl::takeErrors()));
  }
  return signCertificate(certificate.get(), issuerKey->get(), X509_get0_pubkey(issuer.get()));
}

}  // namespace fncard::server::issuance
