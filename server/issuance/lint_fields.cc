// SPDX-License-Identifier: Apache-2.0
// Rules on the basic fields (RFC 5280 §4.1).
#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "server/base/text.h"
#include "server/issuance/lint.h"
#include "server/issuance/names.h"
#include "server/issuance/public_key.h"
#include "server/issuance/signing.h"

namespace fncard::server::issuance {
namespace {

using trust::openssl::encoded;

std::vector<X509_NAME_ENTRY*> subjectEntries(const LintSubject& subject) {
  const X509_NAME* const name = X509_get_subject_name(subject.certificate);
  std::vector<X509_NAME_ENTRY*> entries;
  entries.reserve(static_cast<std::size_t>(X509_NAME_entry_count(name)));
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    entries.push_back(X509_NAME_get_entry(name, i));
  }
  return entries;
}

int nidOf(const X509_NAME_ENTRY* entry) {
  return OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
}

/// The value of a subject's attribute; empty when it is not there.
std::string subjectText(const LintSubject& subject, int nid) {
  for (const X509_NAME_ENTRY* entry : subjectEntries(subject)) {
    if (nidOf(entry) == nid) {
      return textOf(X509_NAME_ENTRY_get_data(entry));
    }
  }
  return {};
}

bool version3(const LintSubject& subject) {
  constexpr long kVersion3 = 2;
  return X509_get_version(subject.certificate) == kVersion3;
}

bool serialPositive(const LintSubject& subject) {
  constexpr int kLargest = 20;
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(subject.certificate);
  std::int64_t small = 1;
  const bool zero = ASN1_INTEGER_get_int64(&small, serial) == 1 && small <= 0;
  return ASN1_STRING_type(serial) == V_ASN1_INTEGER && !zero &&
         ASN1_STRING_length(serial) <= kLargest;
}

bool serialRandom(const LintSubject& subject) {
  constexpr int kRandomBytes = 16;
  return ASN1_STRING_length(X509_get0_serialNumber(subject.certificate)) == kRandomBytes;
}

bool algorithmsSame(const LintSubject& subject) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, subject.certificate);
  return X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(subject.certificate)) == 0;
}

bool algorithmSha256(const LintSubject& subject) {
  const ASN1_OBJECT* object = nullptr;
  int parameters = 0;
  X509_ALGOR_get0(&object, &parameters, nullptr, X509_get0_tbs_sigalg(subject.certificate));
  const int nid = OBJ_obj2nid(object);
  return (nid == NID_sha256WithRSAEncryption && parameters == V_ASN1_NULL) ||
         (nid == NID_ecdsa_with_SHA256 && parameters == V_ASN1_UNDEF);
}

bool issuerName(const LintSubject& subject) {
  const unsigned char* issuer = nullptr;
  const unsigned char* wanted = nullptr;
  std::size_t issuerSize = 0;
  std::size_t wantedSize = 0;
  return X509_NAME_get0_der(X509_get_issuer_name(subject.certificate), &issuer, &issuerSize) == 1 &&
         X509_NAME_get0_der(X509_get_subject_name(subject.issuer), &wanted, &wantedSize) == 1 &&
         std::equal(issuer, issuer + issuerSize, wanted, wanted + wantedSize);
}

bool issuerMaySign(const LintSubject& subject) {
  return X509_check_ca(subject.issuer) == 1 &&
         (X509_get_key_usage(subject.issuer) & KU_KEY_CERT_SIGN) != 0;
}

/// YYMMDDHHMMSSZ until the end of 2049, YYYYMMDDHHMMSSZ afterwards.
bool timeEncoded(const ASN1_TIME* time) {
  const std::string text = textOf(time);
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1 || text.back() != 'Z') {
    return false;
  }
  constexpr int kYear2050 = 150;
  return parts.tm_year < kYear2050
             ? ASN1_STRING_type(time) == V_ASN1_UTCTIME && text.size() == 13
             : ASN1_STRING_type(time) == V_ASN1_GENERALIZEDTIME && text.size() == 15;
}

bool validityEncoding(const LintSubject& subject) {
  return timeEncoded(X509_get0_notBefore(subject.certificate)) &&
         timeEncoded(X509_get0_notAfter(subject.certificate));
}

bool validityOrder(const LintSubject& subject) {
  return ASN1_TIME_compare(X509_get0_notBefore(subject.certificate),
                           X509_get0_notAfter(subject.certificate)) == -1;
}

bool validityWithinIssuer(const LintSubject& subject) {
  return ASN1_TIME_compare(X509_get0_notBefore(subject.certificate),
                           X509_get0_notBefore(subject.issuer)) >= 0 &&
         ASN1_TIME_compare(X509_get0_notAfter(subject.certificate),
                           X509_get0_notAfter(subject.issuer)) <= 0;
}

bool validityLength(const LintSubject& subject) {
  int days = 0;
  int seconds = 0;
  const int longest = subject.holder() ? 5 * 365 + 2 : 2 * 365 + 1;
  return ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(subject.certificate),
                        X509_get0_notAfter(subject.certificate)) == 1 &&
         (days < longest || (days == longest && seconds == 0));
}

bool noUniqueIdentifiers(const LintSubject& subject) {
  const ASN1_BIT_STRING* issuer = nullptr;
  const ASN1_BIT_STRING* own = nullptr;
  X509_get0_uids(subject.certificate, &issuer, &own);
  return issuer == nullptr && own == nullptr;
}

bool keyAllowed(const LintSubject& subject) {
  const X509_PUBKEY* const key = X509_get_X509_PUBKEY(subject.certificate);
  return readPublicKey(encoded<i2d_X509_PUBKEY>(key)).has_value();
}

bool keyNotIssuers(const LintSubject& subject) {
  return EVP_PKEY_eq(X509_get0_pubkey(subject.certificate), X509_get0_pubkey(subject.issuer)) != 1;
}

bool subjectAttributes(const LintSubject& subject) {
  std::vector<int> found;
  std::vector<int> sets;
  for (const X509_NAME_ENTRY* entry : subjectEntries(subject)) {
    found.push_back(nidOf(entry));
    sets.push_back(X509_NAME_ENTRY_set(entry));
  }
  std::vector<int> wanted = {NID_countryName, NID_commonName};
  if (subject.person()) {
    wanted.push_back(NID_serialNumber);
  } else if (!subject.holder()) {
    wanted = {NID_countryName, NID_organizationName, NID_organizationalUnitName, NID_commonName};
  }
  const bool oneEachSet = std::adjacent_find(sets.begin(), sets.end()) == sets.end();
  return found == wanted && oneEachSet;
}

bool subjectStrings(const LintSubject& subject) {
  constexpr std::size_t kLongest = 64;
  const auto entries = subjectEntries(subject);
  return std::all_of(entries.begin(), entries.end(), [](const X509_NAME_ENTRY* entry) {
    const ASN1_STRING* const value = X509_NAME_ENTRY_get_data(entry);
    const int nid = nidOf(entry);
    const int wanted = nid == NID_countryName || nid == NID_serialNumber ? V_ASN1_PRINTABLESTRING
                                                                         : V_ASN1_UTF8STRING;
    const std::size_t size = characters(textOf(value));
    return ASN1_STRING_type(value) == wanted && size > 0 && size <= kLongest;
  });
}

bool subjectCountry(const LintSubject& subject) {
  return subjectText(subject, NID_countryName) == "TW";
}

bool subjectSerial(const LintSubject& subject) {
  return !subject.person() || isDigits(subjectText(subject, NID_serialNumber), 16);
}

bool subjectCardNumber(const LintSubject& subject) {
  return subject.profile != Profile::CardAuthentication ||
         isCardNumber(subjectText(subject, NID_commonName));
}

constexpr std::array kFieldRules = {
    LintRule{"version", "RFC 5280 §4.1.2.1", version3},
    LintRule{"serial-positive", "RFC 5280 §4.1.2.2", serialPositive},
    LintRule{"serial-random", "certificate-profile.md: serial 128 random bits", serialRandom},
    LintRule{"signature-algorithms-same", "RFC 5280 §4.1.1.2", algorithmsSame},
    LintRule{"signature-sha256", "certificate-profile.md: SHA-256; RFC 4055 §5, RFC 5758 §3.2",
             algorithmSha256},
    LintRule{"issuer-name", "RFC 5280 §4.1.2.4", issuerName},
    LintRule{"issuer-may-sign", "RFC 5280 §4.2.1.9, §4.2.1.3", issuerMaySign},
    LintRule{"validity-encoding", "RFC 5280 §4.1.2.5", validityEncoding},
    LintRule{"validity-order", "RFC 5280 §4.1.2.5", validityOrder},
    LintRule{"validity-within-issuer", "certificate-profile.md: within the issuer's validity",
             validityWithinIssuer},
    LintRule{"validity-length", "certificate-profile.md: 5 years, operators 2", validityLength},
    LintRule{"no-unique-identifiers", "RFC 5280 §4.1.2.8", noUniqueIdentifiers},
    LintRule{"key-allowed", "RFC 5280 §4.1.2.7; certificate-profile.md: keys", keyAllowed},
    LintRule{"key-not-issuers", "certificate-profile.md: keys", keyNotIssuers},
    LintRule{"subject-attributes", "certificate-profile.md: subject", subjectAttributes},
    LintRule{"subject-strings", "RFC 5280 §4.1.2.4, §4.1.2.6, appendix A.1", subjectStrings},
    LintRule{"subject-country", "certificate-profile.md: C=TW", subjectCountry},
    LintRule{"subject-serial", "certificate-profile.md: serialNumber", subjectSerial},
    LintRule{"subject-card-number", "certificate-profile.md: card authentication",
             subjectCardNumber},
};

}  // namespace

std::span<const LintRule> fieldRules() {
  return kFieldRules;
}

}  // namespace fncard::server::issuance
