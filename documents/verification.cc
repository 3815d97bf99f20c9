// SPDX-License-Identifier: Apache-2.0
#include "documents/verification.h"

#include "documents/file.h"

namespace fncard::documents {
namespace {

using trust::Certificate;
using trust::CertificateStatus;

std::vector<Bytes> joined(const std::vector<Bytes>& first, const std::vector<Bytes>& second) {
  std::vector<Bytes> all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

tl::unexpected<trust::Error> unavailable(std::string why) {
  return tl::unexpected(trust::Error{trust::ErrorCode::StatusUnavailable, std::move(why)});
}

/// Of the responder that the certificate names. issuers: one of them is the certificate's.
trust::Result<CertificateStatus> statusOf(const Certificate& certificate,
                                          const std::vector<Bytes>& issuers,
                                          const AskResponder& ask, trust::Time at) {
  if (certificate.ocspUrls.empty()) {
    return unavailable("the certificate names no responder");
  }
  for (const Bytes& issuer : issuers) {
    if (!trust::isIssuedBy(certificate, issuer)) {
      continue;
    }
    const auto request = trust::makeStatusRequest(certificate, issuer);
    if (!request) {
      return tl::unexpected(request.error());
    }
    const auto answer = ask(certificate.ocspUrls.front(), request->der);
    return answer ? trust::readStatusResponse(*answer, *request, certificate, issuer, at)
                  : unavailable("the responder did not answer");
  }
  return unavailable("the issuer's certificate is not known");
}

}  // namespace

trust::Verdict judge(const Certificate& certificate, trust::Purpose purpose,
                     const Authorities& authorities, const std::vector<Bytes>& along,
                     const AskResponder& ask, trust::Time at) {
  trust::Question question{.purpose = purpose,
                           .intermediates = joined(authorities.intermediates, along),
                           .roots = authorities.roots,
                           .at = at};
  // the responder's address is in the certificate: nobody is asked for one that anybody may have
  // made
  if (trust::verifyChain(certificate, question.intermediates, question.roots, at)) {
    question.status =
        statusOf(certificate, joined(question.intermediates, question.roots), ask, at);
  }
  return trust::check(certificate, question);
}

trust::Result<std::vector<SignerVerdict>> verify(const Bytes& message,
                                                 const std::optional<Bytes>& content,
                                                 const Authorities& authorities,
                                                 const AskResponder& ask, trust::Time at) {
  const auto read = trust::SignedMessage::read(message, content);
  if (!read) {
    return tl::unexpected(read.error());
  }
  std::vector<SignerVerdict> verdicts;
  for (const trust::Signer& signer : read->signers) {
    SignerVerdict verdict{.signer = signer, .verdict = {}};
    if (signer.certificate) {
      verdict.verdict = judge(*signer.certificate, trust::Purpose::Signature, authorities,
                              read->certificates, ask, at);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace fncard::documents
