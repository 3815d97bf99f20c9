// SPDX-License-Identifier: Apache-2.0
#include "server/publication/judge.h"

#include "server/store/errors.h"

namespace fncard::server::publication {
namespace {

trust::CertificateStatus forRelyingParty(status::CertificateStatus status) {
  switch (status) {
    case status::CertificateStatus::Good:
      return trust::CertificateStatus::Good;
    case status::CertificateStatus::OnHold:
      return trust::CertificateStatus::OnHold;
    case status::CertificateStatus::Revoked:
      return trust::CertificateStatus::Revoked;
    case status::CertificateStatus::Unknown:
      break;
  }
  return trust::CertificateStatus::Unknown;
}

}  // namespace

Result<Judgement> judge(store::StatusStore& store,
                        const issuance::AuthorityCertificates& certificates,
                        const trust::Certificate& certificate,
                        const std::vector<trust::Bytes>& along, trust::Purpose purpose, Time at) {
  const bool ours = trust::isIssuedBy(certificate, certificates.issuing);
  const auto status = ours ? statusOf(store, certificate.serial) : status::Status{};
  if (!status) {
    return tl::unexpected(status.error());
  }
  std::vector<trust::Bytes> intermediates = along;
  intermediates.push_back(certificates.issuing);
  return Judgement{
      .verdict = trust::check(certificate, {.purpose = purpose,
                                            .intermediates = std::move(intermediates),
                                            .roots = {certificates.root},
                                            .at = at,
                                            .status = forRelyingParty(status->status)}),
      .statusSince = status->since};
}

}  // namespace fncard::server::publication
