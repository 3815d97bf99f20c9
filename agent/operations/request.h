// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "agent/operations/origin.h"
#include "card/card_application.h"
#include "card/signature_input.h"

namespace fncard::agent::operations {

/// Sign in: a signature over the origin and the site's challenge (Web eID 1.0).
struct Authenticate {
  static constexpr std::size_t kMinNonce = 44;
  static constexpr std::size_t kMaxNonce = 128;
  std::string challengeNonce;  ///< kMinNonce to kMaxNonce bytes, hashed as they are
};

/// Show the certificate of the signature key, so that a document can be prepared for it.
struct ShareCertificate {};

/// Sign what the site has hashed.
struct SignHash {
  Bytes hash;  ///< digestSize(function) bytes
  card::Hash function = card::Hash::Sha256;
  Bytes certificate;  ///< DER: the one that is to sign, as ShareCertificate gave it
};

/// Sign a document that stays with the site: a CMS signature beside it.
struct SignDocument {
  static constexpr std::size_t kMaxName = 255;
  std::string name;  ///< for people, 1 to kMaxName bytes: what the site calls the document
  Bytes sha256;      ///< of the document, 32 bytes
};

/// What a page asks for.
struct Request {
  Origin origin;
  std::variant<Authenticate, ShareCertificate, SignHash, SignDocument> action;
};

/// What a page gets. Of a ShareCertificate there is no signature.
struct Answer {
  Bytes certificate;  ///< DER
  card::KeyAlgorithm key = card::KeyAlgorithm::Rsa2048;
  card::Hash hash = card::Hash::Sha256;
  /// PKCS#1 v1.5, or r and s of keySize() bytes each; of a document CMS SignedData, DER.
  Bytes signature;
};

/// Why a page gets nothing. None says anything of the card or of its being there: that is told to
/// the person alone.
enum class Refusal {
  BadRequest,  ///< not understood, or more than is allowed
  Cancelled,   ///< by the person, or the asker went away
  TimedOut,    ///< nobody answered the window
  Busy,        ///< other requests are waiting: too many
};

template <typename T>
using Result = tl::expected<T, Refusal>;

/// The stable code of the sentence for people: "agent.request-cancelled", …
std::string_view messageCode(Refusal refusal);

}  // namespace fncard::agent::operations
