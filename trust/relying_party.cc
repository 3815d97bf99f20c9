// SPDX-License-Identifier: Apache-2.0
#include "trust/relying_party.h"

#include <algorithm>

namespace fncard::trust {
namespace {

Answer yes() {
  return {.good = true, .code = {}, .detail = {}};
}
Answer no(ErrorCode code, std::string detail) {
  return {.good = false, .code = code, .detail = std::move(detail)};
}

Answer checkTime(const Certificate& certificate, Time at) {
  if (at < certificate.notBefore) {
    return no(ErrorCode::NotYetValid, "the certificate's validity begins later");
  }
  if (at > certificate.notAfter) {
    return no(ErrorCode::Expired, "the certificate's validity is over");
  }
  return yes();
}

/// The path is judged apart from the certificate's own validity, which has an answer of its own: at
/// the nearest time at which the certificate was valid.
Time pathTime(const Certificate& certificate, Time at) {
  // OpenSSL takes the last second for too late
  const Time last = certificate.notAfter - std::chrono::seconds(1);
  return certificate.notBefore < last ? std::clamp(at, certificate.notBefore, last) : at;
}

Answer checkChain(const Certificate& certificate, const Question& question) {
  const auto chain = verifyChain(certificate, question.intermediates, question.roots,
                                 pathTime(certificate, question.at));
  return chain ? yes() : no(chain.error().code, chain.error().detail);
}

Answer checkStatus(const Result<CertificateStatus>& status) {
  if (!status) {
    return no(status.error().code, status.error().detail);
  }
  switch (*status) {
    case CertificateStatus::Good:
      return yes();
    case CertificateStatus::OnHold:
      return no(ErrorCode::OnHold, "the authority has put the certificate on hold");
    case CertificateStatus::Revoked:
      return no(ErrorCode::Revoked, "the authority has revoked the certificate");
    case CertificateStatus::Unknown:
      break;
  }
  return no(ErrorCode::StatusUnknown, "the authority does not know the certificate");
}

Answer checkClass(const Certificate& certificate) {
  return certificate.subjectType == kNaturalPerson
             ? yes()
             : no(ErrorCode::WrongClass, "the subject type is \"" + certificate.subjectType + "\"");
}

/// The certificate's word is worth what its issuers may say: the whole path must assert the policy.
Answer checkAssuranceLevel(const Certificate& certificate, const Question& question) {
  const auto path = verifyPolicy(certificate, question.intermediates, question.roots,
                                 pathTime(certificate, question.at), kAssuranceLevel3Policy);
  return path ? yes()
              : no(ErrorCode::WrongAssuranceLevel,
                   "the policy of level 3 is not asserted along a path: " + path.error().detail);
}

Answer checkKeyUsage(const Certificate& certificate, Purpose purpose) {
  const KeyUsage& usage = certificate.keyUsage;
  bool good = false;
  switch (purpose) {
    case Purpose::Signature:
      good = usage.digitalSignature && usage.nonRepudiation;
      break;
    case Purpose::Authentication:
      good = usage.digitalSignature;
      break;
    case Purpose::Encryption:
      good =
          certificate.keyAlgorithm.starts_with("RSA-") ? usage.keyEncipherment : usage.keyAgreement;
      break;
  }
  return good ? yes() : no(ErrorCode::WrongKeyUsage, "the key usage does not allow the purpose");
}

}  // namespace

bool Verdict::good() const {
  return chain.good && time.good && status.good && subjectClass.good && assuranceLevel.good &&
         keyUsage.good;
}

Verdict check(const Certificate& certificate, const Question& question) {
  return {
      .chain = checkChain(certificate, question),
      .time = checkTime(certificate, question.at),
      .status = checkStatus(question.status),
      .subjectClass = checkClass(certificate),
      .assuranceLevel = checkAssuranceLevel(certificate, question),
      .keyUsage = checkKeyUsage(certificate, question.purpose),
  };
}

}  // namespace fncard::trust
