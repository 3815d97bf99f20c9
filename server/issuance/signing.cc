// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/signing.h"

#include <openssl/rand.h>

#include <array>

namespace fncard::server::issuance {
namespace {

using trust::openssl::BignumPointer;
using trust::openssl::encoded;
using trust::openssl::IntegerPointer;
using trust::openssl::TimePointer;
using trust::openssl::X509Pointer;

IntegerPointer randomSerial() {
  std::array<unsigned char, 16> bytes{};
  // all serials are written with 32 digits: one that starts with a zero byte is drawn again
  while (bytes[0] == 0) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
      return nullptr;
    }
  }
  const BignumPointer number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number ? IntegerPointer(BN_to_ASN1_INTEGER(number.get(), nullptr)) : nullptr;
}

TimePointer asn1Time(Time time) {
  // UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5): ASN1_TIME_set chooses
  return TimePointer(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

tl::unexpected<Error> hsmFailed(const std::string& detail) {
  return tl::unexpected(Error{"issuance.hsm-failed", detail});
}

X509Pointer beginCertificate(EVP_PKEY* publicKey, X509* issuer, Time notBefore, Time notAfter) {
  X509Pointer certificate(X509_new());
  const IntegerPointer serial = randomSerial();
  const TimePointer begin = asn1Time(notBefore);
  const TimePointer end = asn1Time(notAfter);
  constexpr long kVersion3 = 2;
  const bool done = certificate && serial && begin && end &&
                    X509_set_version(certificate.get(), kVersion3) == 1 &&
                    X509_set_serialNumber(certificate.get(), serial.get()) == 1 &&
                    X509_set1_notBefore(certificate.get(), begin.get()) == 1 &&
                    X509_set1_notAfter(certificate.get(), end.get()) == 1 &&
                    X509_set_pubkey(certificate.get(), publicKey) == 1 &&
                    (issuer == nullptr ||
                     X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  return done ? std::move(certificate) : nullptr;
}

Result<Bytes> signCertificate(X509* certificate, EVP_PKEY* key, EVP_PKEY* issuerPublicKey) {
  if (X509_sign(certificate, key, EVP_sha256()) <= 0) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  if (X509_verify(certificate, issuerPublicKey) != 1) {
    (void)trust::openssl::takeErrors();
    return hsmFailed("the signature it made does not verify under the issuer's certificate");
  }
  return encoded<i2d_X509>(certificate);
}

Bytes toBeSigned(const Bytes& certificate) {
  const unsigned char* next = certificate.data();
  const unsigned char* const end = next + certificate.size();
  long size = 0;
  int tag = 0;
  int tagClass = 0;
  constexpr int kFailed = 0x80;
  if ((ASN1_get_object(&next, &size, &tag, &tagClass, end - next) & kFailed) != 0) {
    return {};
  }
  const unsigned char* const begin = next;
  if ((ASN1_get_object(&next, &size, &tag, &tagClass, end - next) & kFailed) != 0 ||
      size > end - next) {
    return {};
  }
  return {begin, next + size};
}

Time yearsAfter(Time time, int years) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  date += std::chrono::years(years);
  if (!date.ok()) {
    date = date.year() / date.month() / std::chrono::last;
  }
  return std::chrono::sys_days(date) + (time - day);
}

}  // namespace fncard::server::issuance
