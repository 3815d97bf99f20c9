// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/personaliser.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "card/signature_input.h"
#include "trust/certificate.h"

namespace fncard::server::personalisation {
namespace {

using card::piv::ManagementAlgorithm;
using card::piv::Object;

// A blank card as it is bought (docs/card-profile.md).
card::Pin factoryPin() {
  char digits[] = {'1', '2', '3', '4', '5', '6'};
  return *card::Pin::take(digits);
}

card::Puk factoryPuk() {
  std::uint8_t bytes[] = {'1', '2', '3', '4', '5', '6', '7', '8'};
  return *card::Puk::take(bytes);
}

card::SecretBytes factoryManagementKey() {
  Bytes key;
  for (int part = 0; part < 3; ++part) {
    for (std::uint8_t byte = 1; byte <= 8; ++byte) {
      key.push_back(byte);
    }
  }
  return card::SecretBytes::take(key);
}

// The card or the reader went: a second attempt with another key would only hide it.
bool isAway(card::ErrorCode code) {
  return code == card::ErrorCode::CardRemoved || code == card::ErrorCode::NoService ||
         code == card::ErrorCode::NoReader || code == card::ErrorCode::NoCard ||
         code == card::ErrorCode::Internal;
}

// With one try left a second wrong value would block the card for good.
bool mayTryAgain(const card::Error& error) {
  return error.code == card::ErrorCode::PinIncorrect && error.triesLeft.value_or(0) > 1;
}

// RFC 4122 version 4.
Result<std::array<std::uint8_t, 16>> randomGuid() {
  std::array<std::uint8_t, 16> guid{};
  if (RAND_bytes(guid.data(), static_cast<int>(guid.size())) != 1) {
    return stopped(card::messageCode(card::ErrorCode::Internal));
  }
  guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0FU) | 0x40U);
  guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3FU) | 0x80U);
  return guid;
}

template <typename T>
Result<void> done(const card::Result<T>& result) {
  return result ? Result<void>() : stopped(result.error());
}

}  // namespace

Bytes proofMessage(const std::string& jobId, ByteView publicKey) {
  const std::string head = "fncard key proof 1" + jobId;
  Bytes message(head.begin(), head.end());
  message.insert(message.end(), publicKey.begin(), publicKey.end());
  return message;
}

Personaliser::Personaliser(card::ReaderService& readers, std::string readerName, const Job& job,
                           const CardSecrets& secrets, const WorkDirectory& directory,
                           WorkRecord& record, Progress& progress)
    : readers_(readers),
      readerName_(std::move(readerName)),
      job_(job),
      secrets_(secrets),
      directory_(directory),
      record_(record),
      progress_(progress) {}

card::CardIdentity Personaliser::identity() const {
  return {.guid = record_.guid, .cardNumber = job_.cardNumber, .expiry = job_.expiry};
}

card::PrintedInformation Personaliser::printed() const {
  return {.name = job_.name, .expiry = job_.expiry, .cardNumber = job_.cardNumber};
}

bool Personaliser::isOurs(Administration& card) const {
  return card.application().identity() == identity();
}

Result<std::unique_ptr<card::piv::Administration>> Personaliser::begin() {
  auto card = card::piv::beginAdministration(readers_, readerName_);
  if (!card) {
    return stopped(card.error());
  }
  return std::move(*card);
}

// Blank, or ours from an earlier run: 9B has no counter, so the other value may be tried as well.
Result<void> Personaliser::authenticate(Administration& card) const {
  const auto factory = card.authenticate(ManagementAlgorithm::TripleDes, factoryManagementKey());
  if (factory || isAway(factory.error().code)) {
    return done(factory);
  }
  const auto derived = card.authenticate(ManagementAlgorithm::Aes256, secrets_.managementKey);
  if (derived || isAway(derived.error().code)) {
    return done(derived);
  }
  return stopped("perso.management-key-unknown");
}

// The CHUID comes first: from now on the card can be told from any other blank one.
Result<void> Personaliser::claimCard(Administration& card) {
  if (isOurs(card)) {
    return authenticate(card);
  }
  if (const std::string& other = card.application().identity().cardNumber; !other.empty()) {
    return stopped("perso.card-not-blank", {{"cardNumber", other}});
  }
  if (auto known = authenticate(card); !known) {
    return known;
  }
  // a card that an earlier run wrote on is not in the reader: this one starts anew, as itself
  auto guid = randomGuid();
  if (!guid) {
    return tl::unexpected(guid.error());
  }
  record_.guid = *guid;
  record_.publicKeys.reset();
  record_.pukChanging = false;
  record_.pinChanging = false;
  if (auto stored = directory_.store(record_); !stored) {
    return stored;
  }
  return done(card.writeObject(Object::Chuid, card::piv::encodeChuid(identity())));
}

Result<void> Personaliser::findPin(Administration& card) {
  pinIsSet_ = false;
  if (!record_.pinChanging) {
    return {};
  }
  const auto verified = card.application().verifyPin(secrets_.transportPin);
  pinIsSet_ = verified.has_value();
  if (!verified && !mayTryAgain(verified.error())) {
    return verified.error().code == card::ErrorCode::PinIncorrect
               ? Result<void>(stopped("perso.few-tries"))
               : stopped(verified.error());
  }
  return {};
}

Result<PerKey<ProvenKey>> Personaliser::prove(Administration& card,
                                              const PerKey<Bytes>& publicKeys) {
  PerKey<ProvenKey> keys;
  const card::Pin factory = factoryPin();
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    const card::KeyRole role = kKeySlots.at(i).role;
    const Bytes message = proofMessage(job_.jobId, publicKeys.at(i));
    if (role != card::KeyRole::CardAuthentication) {
      const auto verified =
          card.application().verifyPin(pinIsSet_ ? secrets_.transportPin : factory);
      if (!verified) {
        return verified.error().code == card::ErrorCode::PinIncorrect ? stopped("perso.pin-unknown")
                                                                      : stopped(verified.error());
      }
    }
    auto proof = card.application().sign(
        role, job_.algorithm, card::sha256SignatureInput(job_.algorithm, card::sha256(message)));
    if (!proof) {
      return stopped(proof.error());
    }
    if (!trust::verifySignature(publicKeys.at(i), message, *proof)) {
      return stopped("perso.key-proof-wrong", {{"key", kKeySlots.at(i).name}});
    }
    keys.at(i) = {publicKeys.at(i), std::move(*proof)};
  }
  return keys;
}

Result<PerKey<Bytes>> Personaliser::generate(Administration& card) {
  progress_.step("perso.step-keys", {});
  // what is on record is about to be overwritten on the card
  record_.publicKeys.reset();
  if (auto stored = directory_.store(record_); !stored) {
    return tl::unexpected(stored.error());
  }
  PerKey<Bytes> publicKeys;
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    auto key = card.generateKey(kKeySlots.at(i).role, job_.algorithm);
    if (!key) {
      return stopped(key.error());
    }
    publicKeys.at(i) = std::move(*key);
  }
  record_.publicKeys = publicKeys;
  if (auto stored = directory_.store(record_); !stored) {
    return tl::unexpected(stored.error());
  }
  return publicKeys;
}

Result<PerKey<ProvenKey>> Personaliser::prepare() {
  auto card = begin();
  if (!card) {
    return tl::unexpected(card.error());
  }
  if (auto claimed = claimCard(**card); !claimed) {
    return tl::unexpected(claimed.error());
  }
  if (auto found = findPin(**card); !found) {
    return tl::unexpected(found.error());
  }
  if (record_.publicKeys) {
    auto proven = prove(**card, *record_.publicKeys);
    if (proven || proven.error().code != "perso.key-proof-wrong") {
      return proven;
    }
  }
  const auto publicKeys = generate(**card);
  if (!publicKeys) {
    return tl::unexpected(publicKeys.error());
  }
  return prove(**card, *publicKeys);
}

Result<void> Personaliser::writeObjects(Administration& card, const PerKey<Bytes>& certificates) {
  progress_.step("perso.step-write", {});
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    if (auto written = card.writeObject(kKeySlots.at(i).certificate,
                                        card::piv::encodeCertificateObject(certificates.at(i)));
        !written) {
      return stopped(written.error());
    }
  }
  if (auto written = card.writeObject(Object::Ccc, card::piv::encodeCcc(identity())); !written) {
    return stopped(written.error());
  }
  return done(
      card.writeObject(Object::PrintedInformation, card::piv::encodePrintedInformation(printed())));
}

Result<void> Personaliser::setPuk(Administration& card) {
  if (record_.pukChanging) {
    const auto same = card.application().changePuk(secrets_.puk, secrets_.puk);
    if (same) {
      return {};
    }
    if (!mayTryAgain(same.error())) {
      return same.error().code == card::ErrorCode::PinIncorrect
                 ? Result<void>(stopped("perso.few-tries"))
                 : stopped(same.error());
    }
  }
  record_.pukChanging = true;
  if (auto stored = directory_.store(record_); !stored) {
    return stored;
  }
  const auto changed = card.application().changePuk(factoryPuk(), secrets_.puk);
  if (!changed && changed.error().code == card::ErrorCode::PinIncorrect) {
    return stopped("perso.pin-unknown");
  }
  return done(changed);
}

Result<void> Personaliser::setPin(Administration& card) {
  if (pinIsSet_) {
    return {};
  }
  record_.pinChanging = true;
  if (auto stored = directory_.store(record_); !stored) {
    return stored;
  }
  const auto changed = card.application().changePin(factoryPin(), secrets_.transportPin);
  if (!changed && changed.error().code == card::ErrorCode::PinIncorrect) {
    return stopped("perso.pin-unknown");
  }
  pinIsSet_ = changed.has_value();
  return done(changed);
}

// Set again when it is already the derived one: the same value twice does no harm.
Result<void> Personaliser::setManagementKey(Administration& card) const {
  if (const auto set = card.setManagementKey(ManagementAlgorithm::Aes256, secrets_.managementKey);
      !set) {
    return stopped(set.error());
  }
  return done(card.authenticate(ManagementAlgorithm::Aes256, secrets_.managementKey));
}

Result<void> Personaliser::compare(Administration& card, Object object,
                                   const Bytes& written) const {
  const auto read = card.readObject(object);
  if (!read && isAway(read.error().code)) {
    return stopped(read.error());
  }
  if (!read || *read != written) {
    return stopped("perso.read-back-differs");
  }
  return {};
}

Result<PerKey<Bytes>> Personaliser::readBack(Administration& card,
                                             const PerKey<Bytes>& certificates) const {
  progress_.step("perso.step-read-back", {});
  if (const auto verified = card.application().verifyPin(secrets_.transportPin); !verified) {
    return stopped(verified.error());
  }
  const std::pair<Object, Bytes> written[] = {
      {Object::PrintedInformation, card::piv::encodePrintedInformation(printed())},
      {Object::Chuid, card::piv::encodeChuid(identity())},
      {Object::Ccc, card::piv::encodeCcc(identity())}};
  for (const auto& [object, content] : written) {
    if (auto same = compare(card, object, content); !same) {
      return tl::unexpected(same.error());
    }
  }
  PerKey<Bytes> read;
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    auto certificate = card.application().readCertificate(kKeySlots.at(i).role);
    if (!certificate) {
      return stopped(certificate.error());
    }
    if (*certificate != certificates.at(i)) {
      return stopped("perso.read-back-differs");
    }
    read.at(i) = std::move(*certificate);
  }
  return read;
}

Result<PerKey<Bytes>> Personaliser::complete(const PerKey<Bytes>& certificates) {
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    const auto certificate = trust::Certificate::read(certificates.at(i));
    if (!certificate || !record_.publicKeys ||
        certificate->publicKey != record_.publicKeys->at(i)) {
      return stopped("perso.certificate-wrong", {{"key", kKeySlots.at(i).name}});
    }
  }
  auto card = begin();
  if (!card) {
    return tl::unexpected(card.error());
  }
  if (!isOurs(**card)) {
    return stopped("perso.card-swapped");
  }
  if (auto known = authenticate(**card); !known) {
    return tl::unexpected(known.error());
  }
  if (auto written = writeObjects(**card, certificates); !written) {
    return tl::unexpected(written.error());
  }
  progress_.step("perso.step-secrets", {});
  for (const auto step : {&Personaliser::setPuk, &Personaliser::setPin}) {
    if (auto set = (this->*step)(**card); !set) {
      return tl::unexpected(set.error());
    }
  }
  if (auto set = setManagementKey(**card); !set) {
    return tl::unexpected(set.error());
  }
  return readBack(**card, certificates);
}

}  // namespace fncard::server::personalisation
