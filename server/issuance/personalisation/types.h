// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <tl/expected.hpp>

#include "card/card_application.h"
#include "card/piv/administration.h"
#include "messages/messages.h"

/// The personalisation station: turns a production job and a blank card into a holder's card.
namespace fncard::server::personalisation {

/// Why it stopped: the code of a sentence for the operator, its parameters, and the server's own
/// sentence when it stated one. Unless the code says otherwise the same command goes on.
struct Error {
  std::string code;
  messages::Parameters parameters;
  std::string sentence;
};
template <typename T>
using Result = tl::expected<T, Error>;

/// For `return stopped("perso.card-swapped");`
tl::unexpected<Error> stopped(std::string_view code, messages::Parameters parameters = {});
tl::unexpected<Error> stopped(const card::Error& error);

/// The three keys of the profile (docs/card-profile.md), in this order everywhere.
struct KeySlot {
  card::KeyRole role;
  const char* name;  ///< in the JSON of docs/api.md
  card::piv::Object certificate;
};
inline constexpr std::array<KeySlot, 3> kKeySlots = {
    {{card::KeyRole::Signature, "signature", card::piv::Object::SignatureCertificate},
     {card::KeyRole::KeyManagement, "keyManagement", card::piv::Object::KeyManagementCertificate},
     {card::KeyRole::CardAuthentication, "cardAuthentication",
      card::piv::Object::CardAuthenticationCertificate}}};
/// One value a key, in the order of kKeySlots.
template <typename T>
using PerKey = std::array<T, kKeySlots.size()>;

/// A production job as the server gives it (docs/api.md, "Production").
struct Job {
  std::string jobId;
  std::string state;
  std::string cardNumber;
  std::string expiry;  ///< "YYYY-MM-DD"
  std::string name;    ///< as printed
  card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048;
};

/// What the HSM derives for one card.
struct CardSecrets {
  card::SecretBytes managementKey;  ///< AES-256
  card::Puk puk;
  card::Pin transportPin;
};

/// A public key (SubjectPublicKeyInfo, DER) and its signature that says it is on the card.
struct ProvenKey {
  Bytes publicKey;
  Bytes proof;
};

/// Hears how far the job is; each is a message code.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void step(std::string_view code, const messages::Parameters& parameters) = 0;
};

}  // namespace fncard::server::personalisation
