// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/status/status.h"
#include "trust/openssl.h"

namespace fncard::server::status {
namespace {

using issuance::Error;
using trust::openssl::BignumPointer;
using trust::openssl::CrlPointer;
using trust::openssl::decodedCertificate;
using trust::openssl::FreeWith;
using trust::openssl::IntegerPointer;
using trust::openssl::TimePointer;

template <typename T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

TimePointer asn1Time(Time time) {
  return TimePointer(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
}

IntegerPointer serialOf(const std::string& hex) {
  constexpr std::size_t kLargest = 40;
  BIGNUM* number = nullptr;
  if (hex.empty() || hex.size() > kLargest || hex.front() == '-' ||
      BN_hex2bn(&number, hex.c_str()) != static_cast<int>(hex.size())) {
    BN_free(number);
    return nullptr;
  }
  const BignumPointer owned(number);
  return IntegerPointer(BN_to_ASN1_INTEGER(number, nullptr));
}

/// A reason of "unspecified" is left out, as RFC 5280 §5.3.1 asks.
bool addReason(X509_REVOKED* revoked, Reason reason) {
  if (reason == Reason::Unspecified) {
    return true;
  }
  const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> value(ASN1_ENUMERATED_new());
  return value && ASN1_ENUMERATED_set(value.get(), static_cast<long>(reason)) == 1 &&
         X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, value.get(), 0, 0) == 1;
}

bool addEntry(X509_CRL* crl, const RevokedEntry& entry) {
  const IntegerPointer serial = serialOf(entry.serial);
  const TimePointer since = asn1Time(entry.since);
  Owned<X509_REVOKED, X509_REVOKED_free> revoked(X509_REVOKED_new());
  if (!serial || !since || !revoked ||
      X509_REVOKED_set_serialNumber(revoked.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(revoked.get(), since.get()) != 1 ||
      !addReason(revoked.get(), entry.reason) || X509_CRL_add0_revoked(crl, revoked.get()) != 1) {
    return false;
  }
  (void)revoked.release();
  return true;
}

bool addNumber(X509_CRL* crl, std::uint64_t number) {
  const IntegerPointer value(ASN1_INTEGER_new());
  return value && ASN1_INTEGER_set_uint64(value.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, 0) == 1;
}

bool addAuthorityKeyIdentifier(X509_CRL* crl, X509* issuer) {
  const ASN1_OCTET_STRING* const key = X509_get0_subject_key_id(issuer);
  const Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> identifier(AUTHORITY_KEYID_new());
  if (key == nullptr || !identifier) {
    return false;
  }
  identifier->keyid = ASN1_OCTET_STRING_dup(key);
  return identifier->keyid != nullptr &&
         X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, identifier.get(), 0, 0) == 1;
}

/// The shard: the certificates whose distribution point has this very URL (RFC 5280 §5.2.5).
bool addDistributionPoint(X509_CRL* crl, const std::string& url) {
  const Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> point(ISSUING_DIST_POINT_new());
  GENERAL_NAMES* const names = GENERAL_NAMES_new();
  GENERAL_NAME* const name = GENERAL_NAME_new();
  ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
  if (!point || names == nullptr || name == nullptr || text == nullptr ||
      ASN1_STRING_set(text, url.data(), static_cast<int>(url.size())) != 1 ||
      sk_GENERAL_NAME_push(names, name) <= 0) {
    ASN1_IA5STRING_free(text);
    GENERAL_NAME_free(name);
    GENERAL_NAMES_free(names);
    return false;
  }
  GENERAL_NAME_set0_value(name, GEN_URI, text);
  point->distpoint = DIST_POINT_NAME_new();
  if (point->distpoint == nullptr) {
    GENERAL_NAMES_free(names);
    return false;
  }
  point->distpoint->type = 0;  // fullName
  point->distpoint->name.fullname = names;
  constexpr int kCritical = 1;
  return X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point.get(), kCritical, 0) == 1;
}

bool serialsDiffer(const std::vector<RevokedEntry>& entries) {
  std::vector<std::string_view> serials;
  serials.reserve(entries.size());
  for (const RevokedEntry& entry : entries) {
    serials.emplace_back(entry.serial);
  }
  std::sort(serials.begin(), serials.end());
  return std::adjacent_find(serials.begin(), serials.end()) == serials.end();
}

}  // namespace

Result<Bytes> makeCrl(hsm::Hsm& hsm, const issuance::AuthorityCertificates& certificates,
                      const std::string& shardUrl, std::uint64_t number,
                      const std::vector<RevokedEntry>& entries, Time now, Time nextUpdate) {
  const auto issuer = decodedCertificate(certificates.issuing);
  if (!issuer) {
    return tl::unexpected(Error{"issuance.authority-damaged", "issuing"});
  }
  if (nextUpdate <= now || !serialsDiffer(entries)) {
    return tl::unexpected(Error{"issuance.crl-refused",
                                "a serial number stands twice, or nextUpdate is not after now"});
  }
  auto key = hsm.key(issuance::kIssuingKey);
  if (!key) {
    return tl::unexpected(Error{"issuance.hsm-failed", key.error().detail});
  }
  const CrlPointer crl(X509_CRL_new());
  const TimePointer thisTime = asn1Time(now);
  const TimePointer nextTime = asn1Time(nextUpdate);
  constexpr long kVersion2 = 1;
  bool built = crl && thisTime && nextTime && X509_CRL_set_version(crl.get(), kVersion2) == 1 &&
               X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.get())) == 1 &&
               X509_CRL_set1_lastUpdate(crl.get(), thisTime.get()) == 1 &&
               X509_CRL_set1_nextUpdate(crl.get(), nextTime.get()) == 1 &&
               addAuthorityKeyIdentifier(crl.get(), issuer.get()) && addNumber(crl.get(), number) &&
               addDistributionPoint(crl.get(), shardUrl);
  for (const RevokedEntry& entry : entries) {
    if (built && !addEntry(crl.get(), entry)) {
      return tl::unexpected(
          Error{"issuance.crl-refused", "\"" + entry.serial + "\" is no serial number"});
    }
  }
  built = built && X509_CRL_sort(crl.get()) == 1 &&
          X509_CRL_sign(crl.get(), key->get(), EVP_sha256()) > 0 &&
          X509_CRL_verify(crl.get(), X509_get0_pubkey(issuer.get())) == 1;
  if (!built) {
    return tl::unexpected(Error{"issuance.hsm-failed", trust::openssl::takeErrors()});
  }
  return trust::openssl::encoded<i2d_X509_CRL>(crl.get());
}

}  // namespace fncard::server::status
