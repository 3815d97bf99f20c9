// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/issuance/authority.h"
#include "trust/openssl.h"

/// Checks a certificate before the real key signs it: the rules read the bytes that would be
/// issued, not what the builder meant.
namespace fncard::server::issuance {

enum class Profile { Signature, KeyManagement, CardAuthentication, OperatorClient, OperatorServer };

struct LintSubject {
  X509* certificate;
  X509* issuer;
  Profile profile;

  [[nodiscard]] bool holder() const {
    return profile == Profile::Signature || profile == Profile::KeyManagement ||
           profile == Profile::CardAuthentication;
  }
  /// A holder's certificate that names the person, not the card.
  [[nodiscard]] bool person() const {
    return profile == Profile::Signature || profile == Profile::KeyManagement;
  }
};

struct LintRule {
  std::string_view name;    ///< stable: "serial-random"
  std::string_view source;  ///< "RFC 5280 §4.1.2.2", "certificate-profile.md: serial"
  bool (*holds)(const LintSubject& subject);
};

std::span<const LintRule> fieldRules();      ///< RFC 5280 §4.1
std::span<const LintRule> extensionRules();  ///< RFC 5280 §4.2

/// The bytes of an ASN.1 string as they stand in the certificate.
std::string textOf(const ASN1_STRING* value);

struct LintFinding {
  std::string rule;
  std::string source;
};

/// The rules that a DER certificate breaks; "encoding" alone when it cannot be read.
std::vector<LintFinding> lint(const Bytes& certificate, X509* issuer, Profile profile);

/// "serial-random (RFC 5280 §4.1.2.2), …"
std::string describe(const std::vector<LintFinding>& findings);

}  // namespace fncard::server::issuance
