// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/issuance/authority.h"

/// What the world is told of a certificate's status: OCSP (RFC 6960, RFC 5019) and CRLs (RFC 5280
/// §5). Builds bytes from what the caller read in the store.
namespace fncard::server::status {

using issuance::Bytes;
using issuance::Result;
using issuance::Time;

enum class CertificateStatus { Good, OnHold, Revoked, Unknown };

/// RFC 5280 §5.3.1 reasonCode.
enum class Reason {
  Unspecified = 0,
  KeyCompromise = 1,
  AffiliationChanged = 3,
  Superseded = 4,
  CessationOfOperation = 5,
  CertificateHold = 6
};

struct Status {
  CertificateStatus status = CertificateStatus::Unknown;
  Reason reason = Reason::Unspecified;
  Time since{};  ///< of OnHold and Revoked
};

struct OcspQuestion {
  std::string serial;        ///< upper-case hex, no leading zero bytes
  bool ofOurIssuer = false;  ///< issuerNameHash and issuerKeyHash are the issuing CA's
  Bytes certId;              ///< as it was asked, DER: the answer repeats it (RFC 6960 §4.2.1)
};
struct OcspRequest {
  std::vector<OcspQuestion> questions;  ///< 1 to 16
  std::optional<Bytes> nonce;           ///< at most 32 bytes (RFC 8954)
  Bytes der;
};

class Responder {
 public:
  Responder(hsm::Hsm& hsm, const issuance::AuthorityCertificates& certificates);
  ~Responder();
  /// An error means: answer malformedResponse().
  [[nodiscard]] Result<OcspRequest> parse(const Bytes& der) const;
  /// DER OCSPResponse, signed by the delegated responder; statuses in the order of the questions.
  Result<Bytes> respond(const OcspRequest& request, const std::vector<Status>& statuses, Time now,
                        Time nextUpdate);
  [[nodiscard]] Bytes malformedResponse() const;
  [[nodiscard]] Bytes tryLaterResponse() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct RevokedEntry {
  std::string serial;
  Time since;
  Reason reason = Reason::Unspecified;
};
/// A full CRL of one shard with issuingDistributionPoint (RFC 5280 §5.2.5), signed by the issuing
/// CA.
Result<Bytes> makeCrl(hsm::Hsm& hsm, const issuance::AuthorityCertificates& certificates,
                      const std::string& shardUrl, std::uint64_t number,
                      const std::vector<RevokedEntry>& entries, Time now, Time nextUpdate);

}  // namespace fncard::server::status
