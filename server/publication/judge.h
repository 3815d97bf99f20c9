// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/base/error.h"
#include "server/status/status.h"
#include "server/store/store.h"
#include "trust/relying_party.h"

/// What this authority answers to somebody who would rely on a certificate.
namespace fncard::server::publication {

/// The status of the certificate of the issuing CA with this serial number, upper-case hexadecimal.
Result<status::Status> statusOf(store::StatusStore& store, const std::string& serial);

struct Judgement {
  trust::Verdict verdict;
  Time statusSince{};  ///< since when the status is so; the epoch for an unknown one
};

/// Every question of trust/relying_party.h for one certificate, under the authority's root. along:
/// more certificates for the path, DER. The status is what the store says now, whatever time the
/// rest is judged for, and "unknown" for a certificate that the issuing CA did not sign.
Result<Judgement> judge(store::StatusStore& store,
                        const issuance::AuthorityCertificates& certificates,
                        const trust::Certificate& certificate,
                        const std::vector<trust::Bytes>& along, trust::Purpose purpose, Time at);

}  // namespace fncard::server::publication
