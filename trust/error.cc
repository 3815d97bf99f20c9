// SPDX-License-Identifier: Apache-2.0
#include "trust/certificate.h"

namespace fncard::trust {

std::string_view messageCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::Malformed:
      return "trust.malformed";
    case ErrorCode::UnsupportedAlgorithm:
      return "trust.unsupported-algorithm";
    case ErrorCode::SignatureWrong:
      return "trust.signature-wrong";
    case ErrorCode::ChainIncomplete:
      return "trust.chain-incomplete";
    case ErrorCode::NotYetValid:
      return "trust.not-yet-valid";
    case ErrorCode::Expired:
      return "trust.expired";
    case ErrorCode::OnHold:
      return "trust.on-hold";
    case ErrorCode::Revoked:
      return "trust.revoked";
    case ErrorCode::StatusUnknown:
      return "trust.status-unknown";
    case ErrorCode::StatusUnavailable:
      return "trust.status-unavailable";
    case ErrorCode::WrongClass:
      return "trust.wrong-class";
    case ErrorCode::WrongAssuranceLevel:
      return "trust.wrong-assurance-level";
    case ErrorCode::WrongKeyUsage:
      return "trust.wrong-key-usage";
    case ErrorCode::NoSigner:
      return "trust.no-signer";
    case ErrorCode::SignerMissing:
      return "trust.signer-missing";
    case ErrorCode::ContentMissing:
      return "trust.content-missing";
  }
  return "trust.malformed";
}

}  // namespace fncard::trust
