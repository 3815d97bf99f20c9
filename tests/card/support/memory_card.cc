// SPDX-License-Identifier: Apache-2.0
#include "tests/card/support/memory_card.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "tests/card/support/memory_card_crypto.h"

namespace fncard::card::testing {
namespace {

namespace sw = wire::sw;

constexpr std::uint8_t kChainingBit = 0x10;
constexpr std::uint8_t kPin = 0x80;
constexpr std::uint8_t kAdministration = 0x9B;

wire::ResponseApdu answer(wire::StatusWord status, Bytes data = {}) {
  return {.data = std::move(data), .status = status};
}

}  // namespace

MemoryCard::MemoryCard()
    : pin(padded("123456")), puk{'1', '2', '3', '4', '5', '6', '7', '8'}, managementKey{} {
  for (int i = 0; i < 3; ++i) {
    for (std::uint8_t byte = 1; byte <= 8; ++byte) {
      managementKey.push_back(byte);
    }
  }
}

void MemoryCard::losePower() {
  selected_ = otherSelected_ = verified_ = freshlyVerified_ = administrator_ = false;
  witness_.clear();
  chained_.clear();
  pending_.clear();
}

void MemoryCard::verifyByAnother(const Bytes& given) {
  losePower();
  selected_ = true;
  verified_ = check(pin, pinTries, given).status.ok();
}

wire::ResponseApdu MemoryCard::process(ByteView bytes) {
  bool extended = false;
  auto command = wire::CommandApdu::parse(bytes, &extended);
  if (!command || (extended && !extendedLength)) {
    freshlyVerified_ = false;
    return answer(sw::kWrongLength);
  }
  instructions.push_back(command->ins);
  if (command->ins == 0xC0) {
    return piece(command->le);
  }
  chained_.insert(chained_.end(), command->data.begin(), command->data.end());
  if ((command->cla & kChainingBit) != 0) {
    return answer(sw::kOk);
  }
  command->data = std::exchange(chained_, {});
  Response response = run(*command);
  freshlyVerified_ = command->ins == 0x20 && verified_;
  if (response.data.empty()) {
    return response;
  }
  pending_ = std::move(response.data);
  pendingStatus_ = response.status;
  return piece(command->le);
}

wire::ResponseApdu MemoryCard::piece(std::size_t limit) {
  const std::size_t size = std::min(limit, pending_.size());
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(size);
  Bytes data(pending_.begin(), end);
  pending_.erase(pending_.begin(), end);
  if (pending_.empty()) {
    return answer(pendingStatus_, std::move(data));
  }
  const std::size_t left = pending_.size() > 255 ? 0 : pending_.size();
  return answer(wire::StatusWord(static_cast<std::uint16_t>(0x6100U | left)), std::move(data));
}

wire::ResponseApdu MemoryCard::run(const wire::CommandApdu& command) {
  if (command.ins == 0xA4) {
    return select(command);
  }
  pinCommands += command.ins == 0x20 && !command.data.empty() ? 1 : 0;
  if (otherSelected_ && command.ins == 0x20 && !command.data.empty()) {
    return check(otherPin, otherTries, command.data);
  }
  if (!selected_) {
    return answer(sw::kInstructionNotSupported);
  }
  switch (command.ins) {
    case 0xCB:
      return getData(command);
    case 0xDB:
      return putData(command);
    case 0x20:
      return verify(command);
    case 0x24:
      return change(command);
    case 0x2C:
      return resetRetryCounter(command);
    case 0x87:
      return generalAuthenticate(command);
    case 0x47:
      return generate(command);
    case 0xFF:
      return setManagementKey(command);
    default:
      return answer(sw::kInstructionNotSupported);
  }
}

wire::ResponseApdu MemoryCard::select(const wire::CommandApdu& command) {
  const Bytes application{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};
  losePower();
  if (command.data != application) {
    return answer(sw::kNotFound);
  }
  selected_ = true;
  return answer(sw::kOk, {0x61, 0x02, 0x4F, 0x00});
}

wire::ResponseApdu MemoryCard::getData(const wire::CommandApdu& command) const {
  const auto list = wire::findTlv(command.data, 0x5C);
  if (!list) {
    return answer(sw::kIncorrectData);
  }
  std::uint32_t tag = 0;
  for (const std::uint8_t byte : *list) {
    tag = (tag << 8U) | byte;
  }
  if (tag == static_cast<std::uint32_t>(piv::Object::PrintedInformation) && !verified_) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  const auto object = objects.find(tag);
  return object == objects.end() ? answer(sw::kNotFound)
                                 : answer(sw::kOk, wire::encodeTlv(0x53, object->second));
}

wire::ResponseApdu MemoryCard::putData(const wire::CommandApdu& command) {
  const auto list = wire::findTlv(command.data, 0x5C);
  const auto content = wire::findTlv(command.data, 0x53);
  if (!administrator_) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  if (!list || list->size() != 3 || !content) {
    return answer(sw::kIncorrectData);
  }
  const std::uint32_t tag = static_cast<std::uint32_t>((*list)[0]) << 16U |
                            static_cast<std::uint32_t>((*list)[1]) << 8U | (*list)[2];
  objects[tag] = Bytes(content->begin(), content->end());
  return answer(sw::kOk);
}

wire::ResponseApdu MemoryCard::check(Bytes& expected, unsigned& tries, ByteView given) {
  if (tries == 0) {
    return answer(sw::kAuthenticationBlocked);
  }
  if (!std::equal(given.begin(), given.end(), expected.begin(), expected.end())) {
    --tries;
    return answer(wire::StatusWord(static_cast<std::uint16_t>(0x63C0U | tries)));
  }
  tries = kMaxTries;
  return answer(sw::kOk);
}

wire::ResponseApdu MemoryCard::verify(const wire::CommandApdu& command) {
  if (command.p2 != kPin) {
    return answer(sw::kReferenceNotFound);
  }
  if (command.p1 == 0xFF && command.data.empty()) {
    verified_ = false;
    return answer(sw::kOk);
  }
  if (command.data.empty()) {
    if (verified_) {
      return answer(sw::kOk);
    }
    return pinTries == 0 ? answer(sw::kAuthenticationBlocked)
                         : answer(wire::StatusWord(static_cast<std::uint16_t>(0x63C0U | pinTries)));
  }
  Response response = check(pin, pinTries, command.data);
  verified_ = response.status.ok();
  return response;
}

wire::ResponseApdu MemoryCard::change(const wire::CommandApdu& command) {
  if (command.data.size() != 16) {
    return answer(sw::kWrongLength);
  }
  const ByteView data = command.data;
  Bytes& reference = command.p2 == kPin ? pin : puk;
  Response response = check(reference, command.p2 == kPin ? pinTries : pukTries, data.first(8));
  if (response.status.ok()) {
    reference.assign(data.begin() + 8, data.end());
  }
  return response;
}

wire::ResponseApdu MemoryCard::resetRetryCounter(const wire::CommandApdu& command) {
  if (command.data.size() != 16) {
    return answer(sw::kWrongLength);
  }
  const ByteView data = command.data;
  Response response = check(puk, pukTries, data.first(8));
  if (response.status.ok()) {
    pin.assign(data.begin() + 8, data.end());
    pinTries = kMaxTries;
  }
  return response;
}

wire::ResponseApdu MemoryCard::generalAuthenticate(const wire::CommandApdu& command) {
  const auto parts = wire::findTlv(command.data, 0x7C);
  if (!parts) {
    return answer(sw::kIncorrectData);
  }
  if (command.p2 == kAdministration) {
    return command.p1 == static_cast<std::uint8_t>(managementAlgorithm)
               ? authenticateHost(*parts)
               : answer(sw::kIncorrectP1P2);
  }
  const auto key = keys.find(command.p2);
  if (key == keys.end()) {
    return answer(sw::kReferenceNotFound);
  }
  const bool allowed = command.p2 == 0x9E || (command.p2 == 0x9C ? freshlyVerified_ : verified_);
  if (!allowed) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  const auto challenge = wire::findTlv(*parts, 0x81);
  const auto point = wire::findTlv(*parts, 0x85);
  const Bytes result = challenge ? privateOperation(key->second.get(), *challenge)
                                 : (point ? sharedSecret(key->second.get(), *point) : Bytes());
  if (result.empty()) {
    return answer(sw::kIncorrectData);
  }
  return answer(sw::kOk, wire::encodeTlv(0x7C, wire::encodeTlv(0x82, result)));
}

wire::ResponseApdu MemoryCard::authenticateHost(ByteView parts) {
  const auto witness = wire::findTlv(parts, 0x80);
  const auto challenge = wire::findTlv(parts, 0x81);
  if (witness && witness->empty()) {
    witness_.resize(managementAlgorithm == piv::ManagementAlgorithm::TripleDes ? 8 : 16);
    RAND_bytes(witness_.data(), static_cast<int>(witness_.size()));
    const Bytes encrypted = cipherBlock(managementAlgorithm, managementKey, witness_);
    return answer(sw::kOk, wire::encodeTlv(0x7C, wire::encodeTlv(0x80, encrypted)));
  }
  const Bytes expected = std::exchange(witness_, {});
  if (!witness || !challenge || expected.empty() || challenge->size() != expected.size() ||
      !std::equal(witness->begin(), witness->end(), expected.begin(), expected.end())) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  administrator_ = true;
  const Bytes response = cipherBlock(managementAlgorithm, managementKey, *challenge);
  return answer(sw::kOk, wire::encodeTlv(0x7C, wire::encodeTlv(0x82, response)));
}

wire::ResponseApdu MemoryCard::generate(const wire::CommandApdu& command) {
  const auto control = wire::findTlv(command.data, 0xAC);
  const auto id = control ? wire::findTlv(*control, 0x80) : std::nullopt;
  if (!administrator_) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  if (!id || id->size() != 1) {
    return answer(sw::kIncorrectData);
  }
  const auto algorithm = algorithmOfId((*id)[0]);
  if (!algorithm) {
    return answer(sw::kFunctionNotSupported);
  }
  keys[command.p2] = generateKey(*algorithm);
  return answer(sw::kOk, publicKeyTemplate(keys[command.p2].get()));
}

wire::ResponseApdu MemoryCard::setManagementKey(const wire::CommandApdu& command) {
  const Bytes& data = command.data;
  if (!administrator_) {
    return answer(sw::kSecurityStatusNotSatisfied);
  }
  if (data.size() < 3 || data[1] != kAdministration || data[2] != data.size() - 3) {
    return answer(sw::kIncorrectData);
  }
  managementAlgorithm = static_cast<piv::ManagementAlgorithm>(data[0]);
  managementKey.assign(data.begin() + 3, data.end());
  return answer(sw::kOk);
}

std::unique_ptr<MemoryCard> personalisedCard(KeyAlgorithm algorithm,
                                             const std::string& cardNumber) {
  auto card = std::make_unique<MemoryCard>();
  CardIdentity identity{.cardNumber = cardNumber, .expiry = "2031-11-30"};
  identity.guid.fill(0x47);
  const auto put = [&](piv::Object object, Bytes content) {
    card->objects[static_cast<std::uint32_t>(object)] = std::move(content);
  };
  put(piv::Object::Chuid, piv::encodeChuid(identity));
  put(piv::Object::PrintedInformation,
      piv::encodePrintedInformation(
          {.name = "NGUYỄN VĂN AN", .expiry = identity.expiry, .cardNumber = cardNumber}));
  const auto install = [&](std::uint8_t reference, piv::Object object, const std::string& name) {
    EVP_PKEY* key = sharedKey(algorithm, reference);
    EVP_PKEY_up_ref(key);
    card->keys[reference] = Key(key);
    put(object, piv::encodeCertificateObject(makeCertificate(key, name)));
  };
  install(0x9C, piv::Object::SignatureCertificate, "NGUYEN VAN AN");
  install(0x9D, piv::Object::KeyManagementCertificate, "NGUYEN VAN AN");
  install(0x9E, piv::Object::CardAuthenticationCertificate, cardNumber);
  return card;
}

}  // namespace fncard::card::testing
