// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "card/card.h"
#include "card/signature_input.h"

/// Documents signed by a card's holder: between the card and the formats of trust/.
namespace fncard::documents {

/// Of the file that a detached signature is in, behind the document's name (RFC 8551, 3.2.1).
constexpr const char* kSignatureSuffix = ".p7s";

/// The card that signs, as it was found before the person is asked.
struct SigningCard {
  std::unique_ptr<card::Card> card;
  Bytes certificate;  ///< of the signature key, DER
  card::KeyAlgorithm key = card::KeyAlgorithm::Rsa2048;
  std::string holder;  ///< common name
  card::PinStatus pin;
};

/// readerName: part of it; empty: the one card of the PC. The error is the message code of why it
/// does not go on with this card now.
tl::expected<SigningCard, std::string> findSigningCard(card::ReaderService& readers,
                                                       const std::string& readerName = {});

/// What the signature key makes of a digest of this function, with the PIN, in one transaction.
/// LastTryNotConfirmed when the person was not told that it is the last one: another program may
/// have spent tries meanwhile. Other errors as CardApplication::verifyPin() and sign().
card::Result<Bytes> sign(SigningCard& card, const card::Pin& pin, card::Hash hash,
                         const Bytes& digest);

/// A CMS signature beside the document (trust/detached_signature.h), DER. sha256: of the document,
/// 32 bytes.
card::Result<Bytes> signDocument(SigningCard& card, const card::Pin& pin, const Bytes& sha256);

}  // namespace fncard::documents
