// SPDX-License-Identifier: Apache-2.0
#include <openssl/ocsp.h>

#include <array>
#include <mutex>

#include "server/status/status.h"
#include "trust/openssl.h"

namespace fncard::server::status {
namespace {

using issuance::Error;
using trust::openssl::decoded;
using trust::openssl::decodedCertificate;
using trust::openssl::encoded;
using trust::openssl::FreeWith;
using trust::openssl::TimePointer;
using trust::openssl::X509Pointer;

using RequestPointer = std::unique_ptr<OCSP_REQUEST, FreeWith<OCSP_REQUEST_free>>;
using ResponsePointer = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using BasicPointer = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using IdPointer = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;

constexpr std::size_t kLargestRequest = 16384;
constexpr int kMostQuestions = 16;
constexpr int kLargestNonce = 32;  // RFC 8954 §2.1
constexpr int kLargestSerial = 20;

tl::unexpected<Error> malformed(const std::string& why) {
  (void)trust::openssl::takeErrors();
  return tl::unexpected(Error{"issuance.ocsp-malformed", why});
}

tl::unexpected<Error> hsmFailed(const std::string& why) {
  return tl::unexpected(Error{"issuance.hsm-failed", why});
}

TimePointer generalizedTime(Time time) {
  return TimePointer(ASN1_GENERALIZEDTIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
}

/// The extension's value is an OCTET STRING with an OCTET STRING in it (RFC 8954 §2.1).
Result<std::optional<Bytes>> readNonce(OCSP_REQUEST* request) {
  std::optional<Bytes> nonce;
  for (int i = 0; i < OCSP_REQUEST_get_ext_count(request); ++i) {
    X509_EXTENSION* const extension = OCSP_REQUEST_get_ext(request, i);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_id_pkix_OCSP_Nonce) {
      if (X509_EXTENSION_get_critical(extension) != 0) {
        return malformed("a critical extension that is not known here");
      }
      continue;
    }
    const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(extension);
    const unsigned char* next = ASN1_STRING_get0_data(value);
    const unsigned char* const end = next + ASN1_STRING_length(value);
    const std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>> inner(
        d2i_ASN1_OCTET_STRING(nullptr, &next, end - next));
    if (!inner || next != end || nonce || ASN1_STRING_length(inner.get()) < 1 ||
        ASN1_STRING_length(inner.get()) > kLargestNonce) {
      return malformed("a nonce has 1 to 32 bytes");
    }
    nonce.emplace(ASN1_STRING_get0_data(inner.get()),
                  ASN1_STRING_get0_data(inner.get()) + ASN1_STRING_length(inner.get()));
  }
  return nonce;
}

/// RFC 5280 §5.3.1 as OpenSSL writes it; OCSP leaves "unspecified" out.
int reasonNumber(const Status& status) {
  if (status.status == CertificateStatus::OnHold) {
    return OCSP_REVOKED_STATUS_CERTIFICATEHOLD;
  }
  return status.reason == Reason::Unspecified ? OCSP_REVOKED_STATUS_NOSTATUS
                                              : static_cast<int>(status.reason);
}

bool addAnswer(OCSP_BASICRESP* basic, OCSP_CERTID* id, const Status& status, Time now,
               Time nextUpdate) {
  const TimePointer from = generalizedTime(now);
  const TimePointer until = generalizedTime(nextUpdate);
  const TimePointer since = generalizedTime(status.since);
  int answer = V_OCSP_CERTSTATUS_UNKNOWN;
  if (status.status == CertificateStatus::Good) {
    answer = V_OCSP_CERTSTATUS_GOOD;
  } else if (status.status != CertificateStatus::Unknown) {
    answer = V_OCSP_CERTSTATUS_REVOKED;
  }
  const bool revoked = answer == V_OCSP_CERTSTATUS_REVOKED;
  return from && until && since &&
         OCSP_basic_add1_status(basic, id, answer, revoked ? reasonNumber(status) : 0,
                                revoked ? since.get() : nullptr, from.get(),
                                until.get()) != nullptr;
}

bool setProducedAt(OCSP_BASICRESP* basic, Time now) {
  // OCSP_basic_sign would take the system's clock; there is no setter, but the object is ours
  auto* const producedAt = const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic));
  return ASN1_GENERALIZEDTIME_set(producedAt, std::chrono::system_clock::to_time_t(now)) != nullptr;
}

Bytes bareResponse(int status) {
  const ResponsePointer response(OCSP_response_create(status, nullptr));
  return encoded<i2d_OCSP_RESPONSE>(response.get());
}

}  // namespace

struct Responder::State {
  hsm::Hsm& hsm;
  X509Pointer issuer;
  X509Pointer certificate;
  std::mutex mutex;
  std::shared_ptr<EVP_PKEY> key;  ///< fetched at first use, under mutex

  /// issuerNameHash and issuerKeyHash are of the issuing CA, by whatever digest the client chose
  /// among SHA-1 (RFC 5019 §2.1.1) and SHA-2.
  [[nodiscard]] bool ofOurIssuer(OCSP_CERTID* id) const {
    ASN1_OBJECT* algorithm = nullptr;
    OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, id);
    const int nid = OBJ_obj2nid(algorithm);
    if (!issuer ||
        (nid != NID_sha1 && nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)) {
      return false;
    }
    const IdPointer ours(OCSP_cert_id_new(EVP_get_digestbynid(nid),
                                          X509_get_subject_name(issuer.get()),
                                          X509_get0_pubkey_bitstr(issuer.get()), nullptr));
    return ours && OCSP_id_issuer_cmp(ours.get(), id) == 0;
  }

  Result<std::shared_ptr<EVP_PKEY>> signingKey() {
    const std::lock_guard lock(mutex);
    if (!key) {
      auto fetched = hsm.key(issuance::kOcspKey);
      if (!fetched) {
        return hsmFailed(fetched.error().detail);
      }
      if (!certificate || X509_check_private_key(certificate.get(), fetched->get()) != 1) {
        (void)trust::openssl::takeErrors();
        return tl::unexpected(
            Error{"issuance.authority-damaged",
                  "the responder's certificate is not of the HSM's key fncard-ocsp"});
      }
      key = std::move(*fetched);
    }
    return key;
  }
};

Responder::Responder(hsm::Hsm& hsm, const issuance::AuthorityCertificates& certificates)
    : state_(new State{hsm,
                       decodedCertificate(certificates.issuing),
                       decodedCertificate(certificates.ocsp),
                       {},
                       {}}) {}

Responder::~Responder() = default;

Result<OcspRequest> Responder::parse(const Bytes& der) const {
  if (der.size() > kLargestRequest) {
    return malformed("more than 16 KiB");
  }
  const auto request = decoded<RequestPointer, d2i_OCSP_REQUEST>(der);
  if (!request) {
    return malformed("no OCSPRequest");
  }
  const int count = OCSP_request_onereq_count(request.get());
  if (count < 1 || count > kMostQuestions) {
    return malformed("a request asks for 1 to 16 certificates");
  }
  auto nonce = readNonce(request.get());
  if (!nonce) {
    return tl::unexpected(nonce.error());
  }
  OcspRequest result;
  result.nonce = std::move(*nonce);
  result.der = der;
  for (int i = 0; i < count; ++i) {
    OCSP_CERTID* const id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), i));
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
    if (ASN1_STRING_length(serial) > kLargestSerial) {
      return malformed("a serial number has at most 20 bytes");
    }
    result.questions.push_back({trust::openssl::serialText(serial), state_->ofOurIssuer(id),
                                encoded<i2d_OCSP_CERTID>(id)});
  }
  return result;
}

Result<Bytes> Responder::respond(const OcspRequest& request, const std::vector<Status>& statuses,
                                 Time now, Time nextUpdate) {
  const auto parsed = decoded<RequestPointer, d2i_OCSP_REQUEST>(request.der);
  if (!parsed || statuses.size() != request.questions.size() ||
      static_cast<int>(statuses.size()) != OCSP_request_onereq_count(parsed.get())) {
    return malformed("each question needs one status");
  }
  const auto key = state_->signingKey();
  if (!key) {
    return tl::unexpected(key.error());
  }
  const BasicPointer basic(OCSP_BASICRESP_new());
  bool built = basic && setProducedAt(basic.get(), now);
  for (int i = 0; built && i < static_cast<int>(statuses.size()); ++i) {
    const auto at = static_cast<std::size_t>(i);
    OCSP_CERTID* const id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(parsed.get(), i));
    // never a word on another issuer's certificates
    const Status status = request.questions[at].ofOurIssuer ? statuses[at] : Status{};
    built = addAnswer(basic.get(), id, status, now, nextUpdate);
  }
  if (built && request.nonce) {
    Bytes nonce = *request.nonce;
    built = OCSP_basic_add1_nonce(basic.get(), nonce.data(), static_cast<int>(nonce.size())) == 1;
  }
  // byKey keeps the answer small and does not depend on the spelling of a name (RFC 5019 §2.2.1)
  built = built && OCSP_basic_sign(basic.get(), state_->certificate.get(), key->get(), EVP_sha256(),
                                   nullptr, OCSP_RESPID_KEY | OCSP_NOTIME) == 1;
  if (!built) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  const ResponsePointer response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  return encoded<i2d_OCSP_RESPONSE>(response.get());
}

Bytes Responder::malformedResponse() const {
  return bareResponse(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
}

Bytes Responder::tryLaterResponse() const {
  return bareResponse(OCSP_RESPONSE_STATUS_TRYLATER);
}

}  // namespace fncard::server::status
