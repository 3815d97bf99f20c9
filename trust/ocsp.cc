// SPDX-License-Identifier: Apache-2.0
#include "trust/ocsp.h"

#include <openssl/rand.h>

#include <algorithm>

#include "trust/openssl.h"

namespace fncard::trust {
namespace {

using openssl::decoded;
using openssl::decodedCertificate;
using openssl::encoded;
using openssl::FreeWith;
using openssl::X509Pointer;

using RequestPointer = std::unique_ptr<OCSP_REQUEST, FreeWith<OCSP_REQUEST_free>>;
using ResponsePointer = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using BasicPointer = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using IdPointer = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;

constexpr std::size_t kNonceSize = 32;  // RFC 8954 §2.1
constexpr std::size_t kLargestResponse = 65536;
constexpr std::chrono::minutes kClockSkew{5};

tl::unexpected<Error> unavailable(const std::string& why) {
  (void)openssl::takeErrors();
  return tl::unexpected(Error{ErrorCode::StatusUnavailable, why});
}

/// SHA-1, because it is what every responder knows (RFC 5019 §2.1.1); it names the certificate and
/// protects nothing.
IdPointer idOf(const Certificate& certificate, X509* issuer) {
  const X509Pointer subject = decodedCertificate(certificate.der);
  return subject ? IdPointer(OCSP_cert_to_id(EVP_sha1(), subject.get(), issuer)) : nullptr;
}

bool validAt(const X509* certificate, Time at) {
  time_t seconds = std::chrono::system_clock::to_time_t(at);
  return X509_cmp_time(X509_get0_notBefore(certificate), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &seconds) > 0;
}

/// The issuer itself, or whom it certified for this alone (RFC 6960 §4.2.2.2).
bool mayAnswer(X509* signer, X509* issuer, Time at) {
  if (X509_cmp(signer, issuer) == 0) {
    return true;
  }
  return X509_NAME_cmp(X509_get_issuer_name(signer), X509_get_subject_name(issuer)) == 0 &&
         X509_verify(signer, X509_get0_pubkey(issuer)) == 1 && validAt(signer, at) &&
         (X509_get_extension_flags(signer) & (EXFLAG_INVALID | EXFLAG_XKUSAGE)) == EXFLAG_XKUSAGE &&
         (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
         (X509_get_key_usage(signer) & KU_DIGITAL_SIGNATURE) != 0;
}

Result<void> checkSignature(OCSP_BASICRESP* basic, X509* issuer, Time at) {
  const openssl::CertificatesPointer certificates(sk_X509_new_null());
  if (!certificates || X509_up_ref(issuer) != 1 || sk_X509_push(certificates.get(), issuer) <= 0) {
    return unavailable("no memory");
  }
  X509* signer = nullptr;
  if (OCSP_resp_get0_signer(basic, &signer, certificates.get()) != 1 ||
      !mayAnswer(signer, issuer, at)) {
    return unavailable("the answer is not signed by the issuer or its delegate");
  }
  // the signer has been judged above; this checks the signature by the same signer alone
  if (OCSP_basic_verify(basic, certificates.get(), nullptr, OCSP_NOVERIFY) != 1) {
    return unavailable("the answer's signature is wrong");
  }
  return {};
}

Result<void> checkNonce(OCSP_BASICRESP* basic, const Bytes& nonce) {
  const int at = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
  if (at < 0) {
    return unavailable("the answer has no nonce: it may be an old one");
  }
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, at));
  const unsigned char* next = ASN1_STRING_get0_data(value);
  const std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>> inner(
      d2i_ASN1_OCTET_STRING(nullptr, &next, ASN1_STRING_length(value)));
  if (!inner || !std::equal(nonce.begin(), nonce.end(), ASN1_STRING_get0_data(inner.get()),
                            ASN1_STRING_get0_data(inner.get()) + ASN1_STRING_length(inner.get()))) {
    return unavailable("the answer's nonce is not the question's");
  }
  return {};
}

Result<void> checkTimes(const ASN1_GENERALIZEDTIME* from, const ASN1_GENERALIZEDTIME* until,
                        Time at) {
  time_t latest = std::chrono::system_clock::to_time_t(at + kClockSkew);
  time_t earliest = std::chrono::system_clock::to_time_t(at - kClockSkew);
  if (from == nullptr || X509_cmp_time(from, &latest) >= 0) {
    return unavailable("the answer is of a later time; check this computer's clock");
  }
  if (until != nullptr && X509_cmp_time(until, &earliest) <= 0) {
    return unavailable("the answer is out of date");
  }
  return {};
}

}  // namespace

Result<StatusRequest> makeStatusRequest(const Certificate& certificate, const Bytes& issuerDer) {
  const X509Pointer issuer = decodedCertificate(issuerDer);
  IdPointer id = issuer ? idOf(certificate, issuer.get()) : nullptr;
  if (!id) {
    (void)openssl::takeErrors();
    return tl::unexpected(Error{ErrorCode::Malformed, "the issuer's certificate"});
  }
  StatusRequest result;
  result.nonce.resize(kNonceSize);
  const RequestPointer request(OCSP_REQUEST_new());
  if (!request || RAND_bytes(result.nonce.data(), static_cast<int>(kNonceSize)) != 1 ||
      OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
    return unavailable("the question cannot be made");
  }
  (void)id.release();
  if (OCSP_request_add1_nonce(request.get(), result.nonce.data(), static_cast<int>(kNonceSize)) !=
      1) {
    return unavailable("the question cannot be made");
  }
  result.der = encoded<i2d_OCSP_REQUEST>(request.get());
  return result;
}

Result<CertificateStatus> readStatusResponse(const Bytes& response, const StatusRequest& request,
                                             const Certificate& certificate, const Bytes& issuerDer,
                                             Time at) {
  const X509Pointer issuer = decodedCertificate(issuerDer);
  const IdPointer id = issuer ? idOf(certificate, issuer.get()) : nullptr;
  if (!id) {
    (void)openssl::takeErrors();
    return tl::unexpected(Error{ErrorCode::Malformed, "the issuer's certificate"});
  }
  const auto outer = response.size() <= kLargestResponse
                         ? decoded<ResponsePointer, d2i_OCSP_RESPONSE>(response)
                         : nullptr;
  if (!outer) {
    return unavailable("the answer is no OCSPResponse");
  }
  if (const int status = OCSP_response_status(outer.get());
      status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return unavailable(std::string("the responder says: ") + OCSP_response_status_str(status));
  }
  const BasicPointer basic(OCSP_response_get1_basic(outer.get()));
  if (!basic) {
    return unavailable("the answer is no BasicOCSPResponse");
  }
  if (auto signature = checkSignature(basic.get(), issuer.get(), at); !signature) {
    return tl::unexpected(signature.error());
  }
  if (auto nonce = checkNonce(basic.get(), request.nonce); !nonce) {
    return tl::unexpected(nonce.error());
  }
  int status = V_OCSP_CERTSTATUS_UNKNOWN;
  int reason = OCSP_REVOKED_STATUS_NOSTATUS;
  ASN1_GENERALIZEDTIME* since = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  if (OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &since, &from, &until) != 1) {
    return unavailable("the answer is about another certificate");
  }
  if (auto times = checkTimes(from, until, at); !times) {
    return tl::unexpected(times.error());
  }
  (void)openssl::takeErrors();
  if (status == V_OCSP_CERTSTATUS_GOOD) {
    return CertificateStatus::Good;
  }
  if (status == V_OCSP_CERTSTATUS_REVOKED) {
    return reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD ? CertificateStatus::OnHold
                                                         : CertificateStatus::Revoked;
  }
  return CertificateStatus::Unknown;
}

}  // namespace fncard::trust
