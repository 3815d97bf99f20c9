// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/extensions.h"

#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "trust/certificate.h"
#include "trust/openssl.h"

namespace fncard::server::issuance {
namespace {

using trust::openssl::encoded;
using trust::openssl::FreeWith;
using trust::openssl::NamesPointer;
using trust::openssl::ObjectPointer;

constexpr bool kCritical = true;

template <auto Free, typename T>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

bool add(X509* certificate, int nid, void* value, bool critical = false) {
  return value != nullptr &&
         X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1;
}

GENERAL_NAME* textName(int type, const std::string& text) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(value);
    GENERAL_NAME_free(name);
    return nullptr;
  }
  GENERAL_NAME_set0_value(name, type, value);
  return name;
}

bool append(GENERAL_NAMES* names, GENERAL_NAME* name) {
  if (name == nullptr || sk_GENERAL_NAME_push(names, name) <= 0) {
    GENERAL_NAME_free(name);
    return false;
  }
  return true;
}

NamesPointer oneUrl(const std::string& url) {
  NamesPointer names(GENERAL_NAMES_new());
  return names && append(names.get(), textName(GEN_URI, url)) ? std::move(names) : nullptr;
}

GENERAL_NAME* hostName(const std::string& host) {
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str());
  if (address == nullptr) {
    return textName(GEN_DNS, host);
  }
  GENERAL_NAME* const name = GENERAL_NAME_new();
  if (name == nullptr) {
    ASN1_OCTET_STRING_free(address);
    return nullptr;
  }
  GENERAL_NAME_set0_value(name, GEN_IPADD, address);
  return name;
}

/// Attribute ::= SEQUENCE { type, values SET OF } with one value, DER.
std::vector<unsigned char> attribute(const char* type, int valueType, const void* value) {
  const Owned<X509_ATTRIBUTE_free, X509_ATTRIBUTE> made(X509_ATTRIBUTE_new());
  const ObjectPointer object(OBJ_txt2obj(type, 1));
  constexpr int kCopyObject = -1;
  if (!made || !object || X509_ATTRIBUTE_set1_object(made.get(), object.get()) != 1 ||
      X509_ATTRIBUTE_set1_data(made.get(), valueType, value, kCopyObject) != 1) {
    return {};
  }
  return encoded<i2d_X509_ATTRIBUTE>(made.get());
}

}  // namespace

bool addKeyUsage(X509* certificate, const std::vector<KeyUsageBit>& bits) {
  const Owned<ASN1_BIT_STRING_free, ASN1_BIT_STRING> usage(ASN1_BIT_STRING_new());
  for (const KeyUsageBit bit : bits) {
    if (!usage || ASN1_BIT_STRING_set_bit(usage.get(), static_cast<int>(bit), 1) != 1) {
      return false;
    }
  }
  return add(certificate, NID_key_usage, usage.get(), kCritical);
}

bool addCaConstraints(X509* certificate, int pathLength) {
  const Owned<BASIC_CONSTRAINTS_free, BASIC_CONSTRAINTS> constraints(BASIC_CONSTRAINTS_new());
  if (!constraints) {
    return false;
  }
  constraints->ca = 0xFF;  // DER's TRUE
  constraints->pathlen = ASN1_INTEGER_new();
  return constraints->pathlen != nullptr &&
         ASN1_INTEGER_set(constraints->pathlen, pathLength) == 1 &&
         add(certificate, NID_basic_constraints, constraints.get(), kCritical);
}

bool addPolicy(X509* certificate, const char* policy) {
  const Owned<CERTIFICATEPOLICIES_free, CERTIFICATEPOLICIES> policies(CERTIFICATEPOLICIES_new());
  POLICYINFO* const information = POLICYINFO_new();
  if (!policies || information == nullptr || sk_POLICYINFO_push(policies.get(), information) <= 0) {
    POLICYINFO_free(information);
    return false;
  }
  information->policyid = OBJ_txt2obj(policy, 1);
  return information->policyid != nullptr &&
         add(certificate, NID_certificate_policies, policies.get());
}

bool addExtendedKeyUsage(X509* certificate, int nid) {
  const Owned<EXTENDED_KEY_USAGE_free, EXTENDED_KEY_USAGE> usage(EXTENDED_KEY_USAGE_new());
  // OBJ_nid2obj gives a static object: freeing it with the stack does nothing
  return usage && sk_ASN1_OBJECT_push(usage.get(), OBJ_nid2obj(nid)) > 0 &&
         add(certificate, NID_ext_key_usage, usage.get());
}

bool addOcspNoCheck(X509* certificate) {
  const Owned<ASN1_NULL_free, ASN1_NULL> nothing(ASN1_NULL_new());
  return add(certificate, NID_id_pkix_OCSP_noCheck, nothing.get());
}

bool addSubjectDirectoryAttributes(X509* certificate, const std::string& permitLastFour) {
  const ObjectPointer naturalPerson(OBJ_txt2obj(trust::kNaturalPerson, 1));
  const Owned<ASN1_PRINTABLESTRING_free, ASN1_STRING> lastFour(
      ASN1_STRING_type_new(V_ASN1_PRINTABLESTRING));
  if (!naturalPerson || !lastFour ||
      ASN1_STRING_set(lastFour.get(), permitLastFour.data(),
                      static_cast<int>(permitLastFour.size())) != 1) {
    return false;
  }
  const auto type = attribute(trust::kSubjectTypeAttribute, V_ASN1_OBJECT, naturalPerson.get());
  const auto permit =
      attribute(trust::kPermitLastFourAttribute, V_ASN1_PRINTABLESTRING, lastFour.get());
  if (type.empty() || permit.empty()) {
    return false;
  }
  // SubjectDirectoryAttributes ::= SEQUENCE SIZE (1..MAX) OF Attribute (RFC 5280 §4.2.1.8)
  const int size = static_cast<int>(type.size() + permit.size());
  std::vector<unsigned char> sequence(
      static_cast<std::size_t>(ASN1_object_size(1, size, V_ASN1_SEQUENCE)));
  unsigned char* next = sequence.data();
  ASN1_put_object(&next, 1, size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  next = std::copy(type.begin(), type.end(), next);
  std::copy(permit.begin(), permit.end(), next);

  const Owned<ASN1_OCTET_STRING_free, ASN1_OCTET_STRING> octets(ASN1_OCTET_STRING_new());
  if (!octets || ASN1_OCTET_STRING_set(octets.get(), sequence.data(),
                                       static_cast<int>(sequence.size())) != 1) {
    return false;
  }
  const Owned<X509_EXTENSION_free, X509_EXTENSION> extension(
      X509_EXTENSION_create_by_NID(nullptr, NID_subject_directory_attributes, 0, octets.get()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool addEmail(X509* certificate, const std::string& address) {
  const NamesPointer names(GENERAL_NAMES_new());
  return names && append(names.get(), textName(GEN_EMAIL, address)) &&
         add(certificate, NID_subject_alt_name, names.get());
}

bool addHosts(X509* certificate, const std::vector<std::string>& hosts) {
  const NamesPointer names(GENERAL_NAMES_new());
  for (const std::string& host : hosts) {
    if (!names || !append(names.get(), hostName(host))) {
      return false;
    }
  }
  return add(certificate, NID_subject_alt_name, names.get());
}

bool addAuthorityInformation(X509* certificate, const std::string& ocspUrl,
                             const std::string& issuerUrl) {
  const Owned<AUTHORITY_INFO_ACCESS_free, AUTHORITY_INFO_ACCESS> information(
      AUTHORITY_INFO_ACCESS_new());
  for (const auto& [method, url] :
       {std::pair(NID_ad_OCSP, &ocspUrl), std::pair(NID_ad_ca_issuers, &issuerUrl)}) {
    ACCESS_DESCRIPTION* const description = ACCESS_DESCRIPTION_new();
    if (!information || description == nullptr ||
        sk_ACCESS_DESCRIPTION_push(information.get(), description) <= 0) {
      ACCESS_DESCRIPTION_free(description);
      return false;
    }
    description->method = OBJ_nid2obj(method);
    GENERAL_NAME_free(description->location);
    description->location = textName(GEN_URI, *url);
    if (description->location == nullptr) {
      return false;
    }
  }
  return add(certificate, NID_info_access, information.get());
}

bool addCrlDistributionPoint(X509* certificate, const std::string& url) {
  const Owned<CRL_DIST_POINTS_free, CRL_DIST_POINTS> points(CRL_DIST_POINTS_new());
  DIST_POINT* const point = DIST_POINT_new();
  if (!points || point == nullptr || sk_DIST_POINT_push(points.get(), point) <= 0) {
    DIST_POINT_free(point);
    return false;
  }
  point->distpoint = DIST_POINT_NAME_new();
  NamesPointer names = oneUrl(url);
  if (point->distpoint == nullptr || !names) {
    return false;
  }
  point->distpoint->type = 0;  // fullName
  point->distpoint->name.fullname = names.release();
  return add(certificate, NID_crl_distribution_points, points.get());
}

bool addKeyIdentifiers(X509* certificate, X509* issuer) {
  const ASN1_BIT_STRING* const key = X509_get0_pubkey_bitstr(certificate);
  unsigned char digest[SHA_DIGEST_LENGTH] = {};
  const Owned<ASN1_OCTET_STRING_free, ASN1_OCTET_STRING> identifier(ASN1_OCTET_STRING_new());
  if (key == nullptr || !identifier ||
      EVP_Digest(ASN1_STRING_get0_data(key), static_cast<std::size_t>(ASN1_STRING_length(key)),
                 digest, nullptr, EVP_sha1(), nullptr) != 1 ||
      ASN1_OCTET_STRING_set(identifier.get(), digest, sizeof(digest)) != 1 ||
      !add(certificate, NID_subject_key_identifier, identifier.get())) {
    return false;
  }
  if (issuer == nullptr) {
    return true;
  }
  const Owned<AUTHORITY_KEYID_free, AUTHORITY_KEYID> authority(AUTHORITY_KEYID_new());
  const ASN1_OCTET_STRING* const issuerIdentifier = X509_get0_subject_key_id(issuer);
  if (!authority || issuerIdentifier == nullptr) {
    return false;
  }
  authority->keyid = ASN1_OCTET_STRING_dup(issuerIdentifier);
  return authority->keyid != nullptr &&
         add(certificate, NID_authority_key_identifier, authority.get());
}

}  // namespace fncard::server::issuance
