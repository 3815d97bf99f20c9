// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/lint.h"

#include "server/issuance/signing.h"

namespace fncard::server::issuance {

std::string textOf(const ASN1_STRING* value) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

std::vector<LintFinding> lint(const Bytes& certificate, X509* issuer, Profile profile) {
  const auto read = trust::openssl::decodedCertificate(certificate);
  // DER has one encoding of each value: what was read and is written anew must be the same bytes
  if (!read || trust::openssl::encoded<i2d_re_X509_tbs>(read.get()) != toBeSigned(certificate)) {
    (void)trust::openssl::takeErrors();
    return {{"encoding", "RFC 5280 §4.1"}};
  }
  const LintSubject subject{read.get(), issuer, profile};
  std::vector<LintFinding> findings;
  for (const auto& rules : {fieldRules(), extensionRules()}) {
    for (const LintRule& rule : rules) {
      if (!rule.holds(subject)) {
        findings.push_back({std::string(rule.name), std::string(rule.source)});
      }
    }
  }
  (void)trust::openssl::takeErrors();
  return findings;
}

std::string describe(const std::vector<LintFinding>& findings) {
  std::string text;
  for (const LintFinding& finding : findings) {
    text += (text.empty() ? "" : ", ") + finding.rule + " (" + finding.source + ")";
  }
  return text;
}

}  // namespace fncard::server::issuance
