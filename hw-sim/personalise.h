// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "hw-sim/card_state.h"

/// Fills a card as the personalisation station would, without a server: a throwaway authority
/// issues its certificates (docs/certificate-profile.md, docs/card-profile.md). For tests and
/// demonstrations.
namespace fncard::hw_sim {

/// Personalised: with the transport PIN, as mailed. Activated: with the holder's own PIN.
enum class CardStage { Personalised, Activated };

/// The secrets of every card that is made here. They protect nothing.
inline constexpr const char* kTransportPin = "719203";
inline constexpr const char* kHolderPin = "483726";
inline constexpr const char* kPuk = "59301746";

struct PersonalisationOptions {
  CardStage stage = CardStage::Activated;
  KeyAlgorithm algorithm = KeyAlgorithm::Rsa2048;
  bool extendedLength = true;
  bool compressCertificates = false;  ///< gzip, with 01 in 71 (part 1 appendix A)
  std::string name = "NGUYEN THI HOA 阮氏花";
  std::string cardNumber = "TW20260000012345";  ///< two letters, 14 digits
  std::string baseUrl = "http://127.0.0.1:8080";
  unsigned retiredKeys = 0;         ///< 82 upwards, with their certificates on the card
  unsigned retiredKeysOffCard = 0;  ///< 95 downwards, without; together at most 20
};

struct PersonalisedCard {
  CardState state;
  std::string cardNumber;
  std::string rootPem;
  std::string issuingPem;
  std::string signaturePem;
  std::string keyManagementPem;
  std::string cardAuthenticationPem;
  /// DER of OffCardKeyHistoryFile, which the card's offCardCertURL names by its SHA-256 (part 1
  /// §3.3.3). Empty without retired keys off the card.
  Bytes keyHistoryFile;
};

/// The error is a sentence.
tl::expected<PersonalisedCard, std::string> personalise(const PersonalisationOptions& options);

/// FASC-N of a card number, 25 bytes (docs/card-profile.md). Nothing when it is not two letters
/// and 14 digits.
std::optional<Bytes> fascnOf(std::string_view cardNumber);

}  // namespace fncard::hw_sim
