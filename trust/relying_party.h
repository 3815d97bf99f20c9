// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/certificate.h"
#include "trust/ocsp.h"

/// What somebody who relies on a certificate must know before they do: each question with its own
/// answer, so that a page can say which one failed.
namespace fncard::trust {

/// What the key is to be used for.
enum class Purpose {
  Signature,       ///< a signature that binds: digitalSignature and nonRepudiation
  Authentication,  ///< digitalSignature
  Encryption       ///< keyEncipherment for RSA, keyAgreement for EC
};

struct Question {
  Purpose purpose = Purpose::Signature;
  std::vector<Bytes> intermediates;  ///< DER
  std::vector<Bytes> roots;          ///< DER, trusted
  Time at;                           ///< the time to judge for
  /// What the authority said at that time; an error when it could not be asked.
  Result<CertificateStatus> status = tl::unexpected(Error{ErrorCode::StatusUnavailable, {}});
};

/// Yes, or no and why.
struct Answer {
  bool good = false;
  ErrorCode code = ErrorCode::Malformed;  ///< of a no
  std::string detail;
};

struct Verdict {
  Answer chain;           ///< a path to a root, by signatures and constraints
  Answer time;            ///< within the certificate's validity
  Answer status;          ///< good, as the authority says
  Answer subjectClass;    ///< a natural person (2.16.886.1.100.3.1.1)
  Answer assuranceLevel;  ///< policy of assurance level 3, asserted by certificate and issuers
  Answer keyUsage;        ///< the key may be used for the purpose

  [[nodiscard]] bool good() const;
};

Verdict check(const Certificate& certificate, const Question& question);

}  // namespace fncard::trust
