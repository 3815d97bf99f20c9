// SPDX-License-Identifier: Apache-2.0
// Rules on the extensions (RFC 5280 §4.2).
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <set>

#include "server/issuance/lint.h"
#include "server/issuance/names.h"
#include "trust/certificate.h"

namespace fncard::server::issuance {
namespace {

using trust::openssl::dotted;
using trust::openssl::FreeWith;
using trust::openssl::ObjectPointer;

template <typename T, auto Free>
std::unique_ptr<T, FreeWith<Free>> extension(const LintSubject& subject, int nid) {
  return std::unique_ptr<T, FreeWith<Free>>(
      static_cast<T*>(X509_get_ext_d2i(subject.certificate, nid, nullptr, nullptr)));
}

bool has(const LintSubject& subject, int nid) {
  return X509_get_ext_by_NID(subject.certificate, nid, -1) >= 0;
}

std::vector<X509_EXTENSION*> extensions(const LintSubject& subject) {
  std::vector<X509_EXTENSION*> all;
  all.reserve(static_cast<std::size_t>(std::max(X509_get_ext_count(subject.certificate), 0)));
  for (int i = 0; i < X509_get_ext_count(subject.certificate); ++i) {
    all.push_back(X509_get_ext(subject.certificate, i));
  }
  return all;
}

int nidOf(X509_EXTENSION* extension) {
  return OBJ_obj2nid(X509_EXTENSION_get_object(extension));
}

bool extensionsUnique(const LintSubject& subject) {
  std::set<std::string> seen;
  const auto all = extensions(subject);
  return std::all_of(all.begin(), all.end(), [&](X509_EXTENSION* extension) {
    return seen.insert(dotted(X509_EXTENSION_get_object(extension))).second;
  });
}

bool extensionsOfProfile(const LintSubject& subject) {
  std::set<int> wanted = {NID_key_usage, NID_subject_key_identifier, NID_authority_key_identifier};
  std::set<int> optional;
  if (subject.holder()) {
    wanted.insert({NID_certificate_policies, NID_info_access, NID_crl_distribution_points});
  }
  if (subject.person()) {
    wanted.insert(NID_subject_directory_attributes);
    optional.insert(NID_subject_alt_name);
  }
  if (!subject.holder()) {
    wanted.insert(NID_ext_key_usage);
  }
  if (subject.profile == Profile::OperatorServer) {
    wanted.insert(NID_subject_alt_name);
  }
  std::set<int> found;
  for (X509_EXTENSION* const extension : extensions(subject)) {
    if (!optional.contains(nidOf(extension))) {
      found.insert(nidOf(extension));
    }
  }
  return found == wanted;
}

bool extensionsCritical(const LintSubject& subject) {
  const auto all = extensions(subject);
  return std::all_of(all.begin(), all.end(), [](X509_EXTENSION* extension) {
    return (X509_EXTENSION_get_critical(extension) != 0) == (nidOf(extension) == NID_key_usage);
  });
}

bool authorityKeyIdentifier(const LintSubject& subject) {
  const auto identifier =
      extension<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(subject, NID_authority_key_identifier);
  const ASN1_OCTET_STRING* const issuer = X509_get0_subject_key_id(subject.issuer);
  return identifier && issuer != nullptr && identifier->keyid != nullptr &&
         ASN1_OCTET_STRING_cmp(identifier->keyid, issuer) == 0 && identifier->issuer == nullptr &&
         identifier->serial == nullptr;
}

bool subjectKeyIdentifier(const LintSubject& subject) {
  const auto identifier =
      extension<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(subject, NID_subject_key_identifier);
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  unsigned int size = 0;
  return identifier && X509_pubkey_digest(subject.certificate, EVP_sha1(), digest, &size) == 1 &&
         std::equal(digest, digest + size, ASN1_STRING_get0_data(identifier.get()),
                    ASN1_STRING_get0_data(identifier.get()) + ASN1_STRING_length(identifier.get()));
}

bool keyUsage(const LintSubject& subject) {
  std::uint32_t wanted = KU_DIGITAL_SIGNATURE;
  if (subject.profile == Profile::Signature) {
    wanted |= KU_NON_REPUDIATION;
  } else if (subject.profile == Profile::KeyManagement) {
    const EVP_PKEY* const key = X509_get0_pubkey(subject.certificate);
    const bool rsa = key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    wanted = rsa ? KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT : KU_KEY_AGREEMENT;
  }
  return has(subject, NID_key_usage) && X509_get_key_usage(subject.certificate) == wanted;
}

bool extendedKeyUsage(const LintSubject& subject) {
  if (subject.holder()) {
    return true;
  }
  const auto usage =
      extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(subject, NID_ext_key_usage);
  const int wanted = subject.profile == Profile::OperatorServer ? NID_server_auth : NID_client_auth;
  return usage && sk_ASN1_OBJECT_num(usage.get()) == 1 &&
         OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), 0)) == wanted;
}

bool policy(const LintSubject& subject) {
  if (!subject.holder()) {
    return true;
  }
  const auto policies =
      extension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(subject, NID_certificate_policies);
  if (!policies || sk_POLICYINFO_num(policies.get()) != 1) {
    return false;
  }
  const POLICYINFO* const only = sk_POLICYINFO_value(policies.get(), 0);
  return dotted(only->policyid) == trust::kAssuranceLevel3Policy && only->qualifiers == nullptr;
}

/// One attribute of one value, or null.
const ASN1_TYPE* onlyValue(X509_ATTRIBUTE* attribute, const char* type) {
  return attribute != nullptr && dotted(X509_ATTRIBUTE_get0_object(attribute)) == type &&
                 X509_ATTRIBUTE_count(attribute) == 1
             ? X509_ATTRIBUTE_get0_type(attribute, 0)
             : nullptr;
}

bool subjectDirectoryAttributes(const LintSubject& subject) {
  if (!subject.person()) {
    return true;
  }
  const int at = X509_get_ext_by_NID(subject.certificate, NID_subject_directory_attributes, -1);
  if (at < 0) {
    return false;
  }
  using Attribute = std::unique_ptr<X509_ATTRIBUTE, FreeWith<X509_ATTRIBUTE_free>>;
  const ASN1_OCTET_STRING* const value =
      X509_EXTENSION_get_data(X509_get_ext(subject.certificate, at));
  const unsigned char* next = ASN1_STRING_get0_data(value);
  const unsigned char* const end = next + ASN1_STRING_length(value);
  long size = 0;
  int tag = 0;
  int tagClass = 0;
  constexpr int kConstructed = 0x20;
  if (ASN1_get_object(&next, &size, &tag, &tagClass, end - next) != kConstructed ||
      tag != V_ASN1_SEQUENCE || next + size != end) {
    return false;
  }
  const Attribute first(d2i_X509_ATTRIBUTE(nullptr, &next, end - next));
  const Attribute second(d2i_X509_ATTRIBUTE(nullptr, &next, end - next));
  const ASN1_TYPE* const type = onlyValue(first.get(), trust::kSubjectTypeAttribute);
  const ASN1_TYPE* const permit = onlyValue(second.get(), trust::kPermitLastFourAttribute);
  return type != nullptr && permit != nullptr && next == end && type->type == V_ASN1_OBJECT &&
         dotted(type->value.object) == trust::kNaturalPerson &&
         permit->type == V_ASN1_PRINTABLESTRING &&
         isDigits({reinterpret_cast<const char*>(ASN1_STRING_get0_data(permit->value.asn1_string)),
                   static_cast<std::size_t>(ASN1_STRING_length(permit->value.asn1_string))},
                  4);
}

bool alternativeName(const LintSubject& subject) {
  if (!has(subject, NID_subject_alt_name)) {
    return true;  // where it is asked for, extensionsOfProfile says so
  }
  const auto names = extension<GENERAL_NAMES, GENERAL_NAMES_free>(subject, NID_subject_alt_name);
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  if (count == 0 || (subject.holder() && count != 1)) {
    return false;
  }
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    const bool good = subject.holder()
                          ? name->type == GEN_EMAIL && isEmail(textOf(name->d.rfc822Name))
                          : name->type == GEN_DNS || name->type == GEN_IPADD;
    if (!good) {
      return false;
    }
  }
  return true;
}

bool isUrl(const GENERAL_NAME* name) {
  return name != nullptr && name->type == GEN_URI &&
         isPlainHttp(textOf(name->d.uniformResourceIdentifier));
}

bool authorityInformation(const LintSubject& subject) {
  if (!subject.holder()) {
    return true;
  }
  const auto information =
      extension<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(subject, NID_info_access);
  if (!information || sk_ACCESS_DESCRIPTION_num(information.get()) != 2) {
    return false;
  }
  const ACCESS_DESCRIPTION* const ocsp = sk_ACCESS_DESCRIPTION_value(information.get(), 0);
  const ACCESS_DESCRIPTION* const issuer = sk_ACCESS_DESCRIPTION_value(information.get(), 1);
  return OBJ_obj2nid(ocsp->method) == NID_ad_OCSP && isUrl(ocsp->location) &&
         OBJ_obj2nid(issuer->method) == NID_ad_ca_issuers && isUrl(issuer->location);
}

bool crlDistributionPoint(const LintSubject& subject) {
  if (!subject.holder()) {
    return true;
  }
  const auto points =
      extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(subject, NID_crl_distribution_points);
  if (!points || sk_DIST_POINT_num(points.get()) != 1) {
    return false;
  }
  const DIST_POINT* const point = sk_DIST_POINT_value(points.get(), 0);
  constexpr int kFullName = 0;
  return point->reasons == nullptr && point->CRLissuer == nullptr && point->distpoint != nullptr &&
         point->distpoint->type == kFullName &&
         sk_GENERAL_NAME_num(point->distpoint->name.fullname) == 1 &&
         isUrl(sk_GENERAL_NAME_value(point->distpoint->name.fullname, 0));
}

constexpr std::array kExtensionRules = {
    LintRule{"extensions-unique", "RFC 5280 §4.2", extensionsUnique},
    LintRule{"extensions-of-profile", "certificate-profile.md: table", extensionsOfProfile},
    LintRule{"extensions-critical", "RFC 5280 §4.2.1; certificate-profile.md: keyUsage (critical)",
             extensionsCritical},
    LintRule{"authority-key-identifier", "RFC 5280 §4.2.1.1", authorityKeyIdentifier},
    LintRule{"subject-key-identifier", "RFC 5280 §4.2.1.2", subjectKeyIdentifier},
    LintRule{"key-usage", "RFC 5280 §4.2.1.3; certificate-profile.md: keyUsage", keyUsage},
    LintRule{"extended-key-usage", "RFC 5280 §4.2.1.12", extendedKeyUsage},
    LintRule{"policy", "RFC 5280 §4.2.1.4; certificate-profile.md: certificatePolicies", policy},
    LintRule{"subject-directory-attributes",
             "RFC 5280 §4.2.1.8; certificate-profile.md: subjectDirectoryAttributes",
             subjectDirectoryAttributes},
    LintRule{"alternative-name", "RFC 5280 §4.2.1.6", alternativeName},
    LintRule{"authority-information", "RFC 5280 §4.2.2.1, §8: plain HTTP", authorityInformation},
    LintRule{"crl-distribution-point", "RFC 5280 §4.2.1.13, §8: plain HTTP", crlDistributionPoint},
};

}  // namespace

std::span<const LintRule> extensionRules() {
  return kExtensionRules;
}

}  // namespace fncard::server::issuance
