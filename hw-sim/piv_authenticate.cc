// SPDX-License-Identifier: Apache-2.0
// GENERAL AUTHENTICATE: part 2 §3.2.4 and appendix A.
#include <utility>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;
namespace sw = wire::sw;

/// The data objects of a dynamic authentication template 7C (part 2 table 7).
struct DynamicTemplate {
  std::optional<ByteView> witness;    // 80
  std::optional<ByteView> challenge;  // 81
  std::optional<ByteView> response;   // 82
  std::optional<ByteView> point;      // 85
};

std::optional<DynamicTemplate> parseTemplate(ByteView content) {
  DynamicTemplate out;
  wire::TlvReader reader(content);
  while (!reader.atEnd()) {
    const auto object = reader.next();
    if (!object) {
      return std::nullopt;
    }
    std::optional<ByteView>* member = nullptr;
    switch (object->tag) {
      case 0x80:
        member = &out.witness;
        break;
      case 0x81:
        member = &out.challenge;
        break;
      case 0x82:
        member = &out.response;
        break;
      case 0x85:
        member = &out.point;
        break;
      default:
        return std::nullopt;
    }
    if (member->has_value()) {
      return std::nullopt;
    }
    *member = object->value;
  }
  return out;
}

bool present(const std::optional<ByteView>& object) {
  return object && !object->empty();
}
bool asked(const std::optional<ByteView>& object) {
  return object && object->empty();
}

ResponseApdu answer(std::uint32_t tag, ByteView value) {
  return {.data = wire::encodeTlv(0x7C, wire::encodeTlv(tag, value)), .status = sw::kOk};
}

}  // namespace

ResponseApdu PivApplication::generalAuthenticate(const CommandApdu& command, bool pinFresh) {
  const Challenge open = std::exchange(session_.challenge, {});  // good for one try
  const bool isManagement = command.p2 == piv::kManagementKey;
  if (!isManagement && !piv::isGeneratedKey(command.p2) && !piv::isKeyManagementKey(command.p2)) {
    return {.status = sw::kIncorrectP1P2};
  }
  wire::TlvReader reader(command.data);
  const auto dynamicTemplate = reader.next();
  if (!dynamicTemplate || dynamicTemplate->tag != 0x7C || !reader.atEnd()) {
    return {.status = sw::kIncorrectData};
  }
  if (isManagement) {
    return authenticateManagement(command.p1, dynamicTemplate->value, open);
  }
  // Part 1 table 4b: what a key asks of the PIN
  const bool allowed = command.p2 == piv::kCardAuthenticationKey ||
                       (command.p2 == piv::kSignatureKey ? pinFresh : session_.pinVerified);
  if (!allowed) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  return usePrivateKey(command.p2, command.p1, dynamicTemplate->value);
}

ResponseApdu PivApplication::authenticateManagement(std::uint8_t algorithm,
                                                    ByteView dynamicTemplate,
                                                    const Challenge& open) {
  const BlockCipher cipher = state().management.cipher;
  const bool isDefault = algorithm == 0x00 && cipher == BlockCipher::TripleDes;
  if (algorithm != static_cast<std::uint8_t>(cipher) && !isDefault) {
    return {.status = sw::kIncorrectP1P2};
  }
  const auto objects = parseTemplate(dynamicTemplate);
  if (!objects || objects->point) {
    return {.status = sw::kIncorrectData};
  }
  const auto encrypt = [&](ByteView block) {
    return encryptBlock(cipher, state().management.key, block);
  };
  const std::size_t block = blockSize(cipher);
  if (asked(objects->witness) && !objects->challenge && !objects->response) {
    session_.managementAuthenticated = false;
    session_.challenge = {.kind = Challenge::Kind::Witness, .plain = randomBytes(block)};
    const auto witness = encrypt(session_.challenge.plain);
    return witness ? answer(0x80, *witness) : ResponseApdu{.status = sw::kUnspecified};
  }
  if (asked(objects->challenge) && !objects->witness && !objects->response) {
    session_.managementAuthenticated = false;
    session_.challenge = {.kind = Challenge::Kind::External, .plain = randomBytes(block)};
    return answer(0x81, session_.challenge.plain);
  }
  // mutual: the decrypted witness and the host's own challenge
  if (present(objects->witness) && present(objects->challenge) && !present(objects->response)) {
    const auto response = encrypt(*objects->challenge);
    if (!response) {
      return {.status = sw::kIncorrectData};
    }
    if (open.kind != Challenge::Kind::Witness || !equalBytes(open.plain, *objects->witness)) {
      session_.managementAuthenticated = false;  // §2.4.2: a failed protocol ends the status
      return {.status = sw::kSecurityStatusNotSatisfied};
    }
    session_.managementAuthenticated = true;
    return answer(0x82, *response);
  }
  // external: the encrypted challenge of the card
  if (present(objects->response) && !objects->witness && !objects->challenge) {
    const auto expected =
        open.kind == Challenge::Kind::External ? encrypt(open.plain) : std::nullopt;
    if (!expected || !equalBytes(*expected, *objects->response)) {
      session_.managementAuthenticated = false;
      return {.status = sw::kSecurityStatusNotSatisfied};
    }
    session_.managementAuthenticated = true;
    return {.status = sw::kOk};
  }
  return {.status = sw::kIncorrectData};
}

ResponseApdu PivApplication::usePrivateKey(std::uint8_t reference, std::uint8_t algorithm,
                                           ByteView dynamicTemplate) const {
  const auto found = state().keys.find(reference);
  if (found == state().keys.end()) {
    return {.status = sw::kIncorrectP1P2};
  }
  const PrivateKey& key = found->second;
  if (algorithm != static_cast<std::uint8_t>(key.algorithm())) {
    return {.status = sw::kIncorrectP1P2};
  }
  const auto objects = parseTemplate(dynamicTemplate);
  if (!objects || objects->witness || !asked(objects->response) ||
      present(objects->challenge) == present(objects->point)) {
    return {.status = sw::kIncorrectData};
  }
  std::optional<Bytes> result;
  if (present(objects->point)) {  // exponentiation is for key management keys alone
    result = piv::isKeyManagementKey(reference) ? key.ecdh(*objects->point) : std::nullopt;
  } else if (isRsa(key.algorithm())) {
    result = key.rsaPrivate(*objects->challenge);
  } else {
    result = key.ecdsaSign(*objects->challenge);
  }
  return result ? answer(0x82, *result) : ResponseApdu{.status = sw::kIncorrectData};
}

}  // namespace fncard::hw_sim
