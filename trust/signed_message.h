// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/certificate.h"

/// CMS SignedData (RFC 5652 §5): who signed what. Whether a signer's certificate is worth anything
/// is another question: relying_party.h.
namespace fncard::trust {

/// One SignerInfo.
struct Signer {
  /// As it lies in the message, trusted by nobody yet; nothing when it is not there.
  std::optional<Certificate> certificate;
  std::optional<Time> signingTime;  ///< what the signer says (RFC 5652 §11.3); nobody confirms it
  /// Of the certificate's key over the content and the signed attributes. SignatureWrong,
  /// SignerMissing; UnsupportedAlgorithm for anything but RSA and ECDSA with SHA-256, SHA-384 or
  /// SHA-512.
  Result<void> signature = tl::unexpected(Error{ErrorCode::SignatureWrong, {}});
};

struct SignedMessage {
  Bytes content;                    ///< what was signed
  std::vector<Bytes> certificates;  ///< DER, that came along: for a path, never as a root
  std::vector<Signer> signers;      ///< 1 to 16

  /// DER, BER or one PEM block ("CMS", "PKCS7") of at most 16 MiB. content, at most 1 GiB,
  /// belongs to a message without its own (a detached signature); for a message with its own it
  /// must be the same, or no signature is right. Malformed, NoSigner, ContentMissing.
  static Result<SignedMessage> read(const Bytes& message,
                                    const std::optional<Bytes>& content = std::nullopt);
};

}  // namespace fncard::trust
