// SPDX-License-Identifier: Apache-2.0
#include "trust/certificate.h"

#include <algorithm>

#include "trust/openssl.h"

namespace fncard::trust {
namespace {

using openssl::BioPointer;
using openssl::decodedCertificate;
using openssl::dotted;
using openssl::encoded;
using openssl::FreeWith;
using openssl::X509Pointer;

constexpr std::size_t kLargestInput = 16384;
constexpr int kMostElements = 32;  ///< of any list in a certificate; more is not read

tl::unexpected<Error> malformed(const std::string& why) {
  (void)openssl::takeErrors();
  return tl::unexpected(Error{ErrorCode::Malformed, why});
}

template <typename T, auto Free>
std::unique_ptr<T, FreeWith<Free>> extension(const X509* certificate, int nid) {
  return std::unique_ptr<T, FreeWith<Free>>(
      static_cast<T*>(X509_get_ext_d2i(certificate, nid, nullptr, nullptr)));
}

bool looksLikePem(const Bytes& bytes) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  return std::search(bytes.begin(), bytes.end(), kBegin.begin(), kBegin.end()) != bytes.end();
}

std::string nameText(const X509_NAME* name) {
  const BioPointer output(BIO_new(BIO_s_mem()));
  constexpr unsigned long kUtf8 = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  if (!output || X509_NAME_print_ex(output.get(), name, 0, kUtf8) < 0) {
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string utf8(const ASN1_STRING* value) {
  unsigned char* text = nullptr;
  const int size = value != nullptr ? ASN1_STRING_to_UTF8(&text, value) : -1;
  if (size < 0) {
    return {};
  }
  std::string result(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return result;
}

/// The only attribute of its kind in the subject; nothing when there are several.
std::string subjectText(const X509* certificate, int nid) {
  const X509_NAME* const name = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0) {
    return {};
  }
  return utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

/// A certificate without keyUsage says nothing of its use: nothing is taken for granted.
KeyUsage keyUsageOf(X509* certificate) {
  KeyUsage usage;
  if (X509_get_ext_by_NID(certificate, NID_key_usage, -1) < 0) {
    return usage;
  }
  const std::uint32_t bits = X509_get_key_usage(certificate);
  usage.digitalSignature = (bits & KU_DIGITAL_SIGNATURE) != 0;
  usage.nonRepudiation = (bits & KU_NON_REPUDIATION) != 0;
  usage.keyEncipherment = (bits & KU_KEY_ENCIPHERMENT) != 0;
  usage.dataEncipherment = (bits & KU_DATA_ENCIPHERMENT) != 0;
  usage.keyAgreement = (bits & KU_KEY_AGREEMENT) != 0;
  return usage;
}

std::vector<std::string> policiesOf(const X509* certificate) {
  std::vector<std::string> result;
  const auto policies = extension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(
      certificate, NID_certificate_policies);
  const int count = std::min(policies ? sk_POLICYINFO_num(policies.get()) : 0, kMostElements);
  result.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    result.push_back(dotted(sk_POLICYINFO_value(policies.get(), i)->policyid));
  }
  return result;
}

void addUrl(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name != nullptr && name->type == GEN_URI) {
    urls.push_back(utf8(name->d.uniformResourceIdentifier));
  }
}

void readAuthorityInformation(const X509* x509, Certificate& certificate) {
  const auto information =
      extension<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(x509, NID_info_access);
  const int count = information ? sk_ACCESS_DESCRIPTION_num(information.get()) : 0;
  for (int i = 0; i < std::min(count, kMostElements); ++i) {
    const ACCESS_DESCRIPTION* const access = sk_ACCESS_DESCRIPTION_value(information.get(), i);
    const int method = OBJ_obj2nid(access->method);
    if (method == NID_ad_OCSP) {
      addUrl(access->location, certificate.ocspUrls);
    } else if (method == NID_ad_ca_issuers) {
      addUrl(access->location, certificate.issuerUrls);
    }
  }
}

void readDistributionPoints(const X509* x509, Certificate& certificate) {
  constexpr int kFullName = 0;
  const auto points =
      extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(x509, NID_crl_distribution_points);
  const int count = points ? sk_DIST_POINT_num(points.get()) : 0;
  for (int i = 0; i < std::min(count, kMostElements); ++i) {
    const DIST_POINT_NAME* const name = sk_DIST_POINT_value(points.get(), i)->distpoint;
    if (name == nullptr || name->type != kFullName) {
      continue;
    }
    const int names = sk_GENERAL_NAME_num(name->name.fullname);
    for (int j = 0; j < std::min(names, kMostElements); ++j) {
      addUrl(sk_GENERAL_NAME_value(name->name.fullname, j), certificate.crlUrls);
    }
  }
}

std::string emailOf(const X509* certificate) {
  const auto names =
      extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate, NID_subject_alt_name);
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < std::min(count, kMostElements); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_EMAIL) {
      return utf8(name->d.rfc822Name);
    }
  }
  return {};
}

/// SEQUENCE OF Attribute (RFC 5280 §4.2.1.8). Of an attribute with several values none is taken.
bool readDirectoryAttributes(const X509* x509, Certificate& certificate) {
  const int at = X509_get_ext_by_NID(x509, NID_subject_directory_attributes, -1);
  if (at < 0) {
    return true;
  }
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(X509_get_ext(x509, at));
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
  for (int i = 0; next != end && i < kMostElements; ++i) {
    const std::unique_ptr<X509_ATTRIBUTE, FreeWith<X509_ATTRIBUTE_free>> attribute(
        d2i_X509_ATTRIBUTE(nullptr, &next, end - next));
    if (!attribute) {
      return false;
    }
    const std::string type = dotted(X509_ATTRIBUTE_get0_object(attribute.get()));
    const ASN1_TYPE* const only = X509_ATTRIBUTE_count(attribute.get()) == 1
                                      ? X509_ATTRIBUTE_get0_type(attribute.get(), 0)
                                      : nullptr;
    if (only == nullptr) {
      continue;
    }
    if (type == kSubjectTypeAttribute && only->type == V_ASN1_OBJECT) {
      certificate.subjectType = dotted(only->value.object);
    } else if (type == kPermitLastFourAttribute &&
               (only->type == V_ASN1_PRINTABLESTRING || only->type == V_ASN1_UTF8STRING)) {
      certificate.permitLastFour = utf8(only->value.asn1_string);
    }
  }
  return next == end;
}

std::string algorithmOf(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    return "RSA-" + std::to_string(EVP_PKEY_get_bits(key));
  }
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    char group[64] = {};
    std::size_t size = 0;
    const bool named = EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1;
    const int nid = named ? OBJ_sn2nid(group) : NID_undef;
    const char* const name = nid != NID_undef ? EC_curve_nid2nist(nid) : nullptr;
    return name != nullptr ? name : group;
  }
  const char* const name = EVP_PKEY_get0_type_name(key);
  return name != nullptr ? name : "";
}

}  // namespace

Result<Certificate> Certificate::read(const Bytes& bytes) {
  if (bytes.size() > kLargestInput) {
    return malformed("a certificate has at most 16 KiB");
  }
  Certificate result;
  if (looksLikePem(bytes)) {
    auto der = openssl::pemBlock(bytes, {"CERTIFICATE"});
    if (!der) {
      return malformed("not one PEM certificate");
    }
    result.der = std::move(*der);
  } else {
    result.der = bytes;
  }
  const X509Pointer x509 = decodedCertificate(result.der);
  if (!x509) {
    return malformed("not an X.509 certificate");
  }
  const EVP_PKEY* const key = X509_get0_pubkey(x509.get());
  if (key == nullptr) {
    (void)openssl::takeErrors();
    return tl::unexpected(Error{ErrorCode::UnsupportedAlgorithm, "its public key cannot be read"});
  }
  const auto notBefore = openssl::timeOf(X509_get0_notBefore(x509.get()));
  const auto notAfter = openssl::timeOf(X509_get0_notAfter(x509.get()));
  // OpenSSL marks a certificate whose extensions it cannot read or finds twice
  const bool extensionsBroken = (X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0;
  if (!notBefore || !notAfter || extensionsBroken || !readDirectoryAttributes(x509.get(), result)) {
    return malformed("its times or extensions are not of RFC 5280's form");
  }
  result.serial = openssl::serialText(X509_get0_serialNumber(x509.get()));
  result.subject = nameText(X509_get_subject_name(x509.get()));
  result.issuer = nameText(X509_get_issuer_name(x509.get()));
  result.commonName = subjectText(x509.get(), NID_commonName);
  result.subjectSerial = subjectText(x509.get(), NID_serialNumber);
  result.notBefore = *notBefore;
  result.notAfter = *notAfter;
  result.keyUsage = keyUsageOf(x509.get());
  result.policies = policiesOf(x509.get());
  result.email = emailOf(x509.get());
  readAuthorityInformation(x509.get(), result);
  readDistributionPoints(x509.get(), result);
  result.keyAlgorithm = algorithmOf(key);
  result.publicKey = encoded<i2d_PUBKEY>(key);
  (void)openssl::takeErrors();
  return result;
}

}  // namespace fncard::trust
