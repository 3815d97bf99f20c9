// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/x509.h>

#include <initializer_list>
#include <string>
#include <vector>

/// The extensions of RFC 5280 §4.2 that the profile uses; each adds one and says whether OpenSSL
/// could.
namespace fncard::server::issuance {

/// Bits of keyUsage (RFC 5280 §4.2.1.3).
enum class KeyUsageBit {
  DigitalSignature = 0,
  NonRepudiation = 1,
  KeyEncipherment = 2,
  DataEncipherment = 3,
  KeyAgreement = 4,
  KeyCertSign = 5,
  CrlSign = 6
};

bool addKeyUsage(X509* certificate, const std::vector<KeyUsageBit>& bits);
/// basicConstraints of a CA, critical.
bool addCaConstraints(X509* certificate, int pathLength);
bool addPolicy(X509* certificate, const char* policy);
bool addExtendedKeyUsage(X509* certificate, int nid);
bool addOcspNoCheck(X509* certificate);  ///< RFC 6960 §4.2.2.2.1
/// natural person, and the permit's last four (docs/certificate-profile.md)
bool addSubjectDirectoryAttributes(X509* certificate, const std::string& permitLastFour);
bool addEmail(X509* certificate, const std::string& address);
/// Names and IP addresses.
bool addHosts(X509* certificate, const std::vector<std::string>& hosts);
bool addAuthorityInformation(X509* certificate, const std::string& ocspUrl,
                             const std::string& issuerUrl);
bool addCrlDistributionPoint(X509* certificate, const std::string& url);
/// subjectKeyIdentifier by method 1 of RFC 5280 §4.2.1.2, authorityKeyIdentifier from the issuer's;
/// none in a self-signed one, whose issuer is null (§4.2.1.1).
bool addKeyIdentifiers(X509* certificate, X509* issuer);

}  // namespace fncard::server::issuance
