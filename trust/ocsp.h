// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/certificate.h"

namespace fncard::trust {

/// A DER OCSPRequest for one certificate with a nonce (RFC 6960, RFC 8954).
struct StatusRequest {
  Bytes der;
  Bytes nonce;
};
Result<StatusRequest> makeStatusRequest(const Certificate& certificate, const Bytes& issuerDer);

enum class CertificateStatus { Good, OnHold, Revoked, Unknown };

/// Checks the responder's signature and delegation, the nonce, the times; then gives the status.
Result<CertificateStatus> readStatusResponse(const Bytes& response, const StatusRequest& request,
                                             const Certificate& certificate, const Bytes& issuerDer,
                                             Time at);

}  // namespace fncard::trust
