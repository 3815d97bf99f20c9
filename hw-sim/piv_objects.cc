// SPDX-License-Identifier: Apache-2.0
// SELECT, GET DATA, PUT DATA and GENERATE ASYMMETRIC KEY PAIR.
#include <algorithm>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;
namespace sw = wire::sw;

constexpr std::size_t kRegisteredIdSize = 5;

constexpr std::uint32_t kPrintedInformation = 0x5FC109;
constexpr std::uint32_t kDiscovery = 0x7E;
constexpr std::uint32_t kBiometricGroup = 0x7F61;
constexpr std::uint32_t kEnvelope = 0x53;
constexpr std::size_t kMaxObjectSize = 12'288;

/// Objects that are read with the PIN only (SP 800-73-4 part 1 table 2): fingerprints, facial
/// image, printed information, iris images, pairing code.
bool needsPinToRead(std::uint32_t tag) {
  return tag == 0x5FC103 || tag == 0x5FC108 || tag == kPrintedInformation || tag == 0x5FC121 ||
         tag == 0x5FC123;
}

/// Objects that are their own template instead of lying in 53 (part 2 tables 11 and 12).
bool isOwnTemplate(std::uint32_t tag) {
  return tag == kDiscovery || tag == kBiometricGroup;
}

/// Containers that can be written: the PIV data model, and the range that vendors' tools use.
bool isWritable(std::uint32_t tag) {
  return (tag >= 0x5FC101 && tag <= 0x5FC123) || (tag >= 0x5FFF00 && tag <= 0x5FFFFF);
}

/// The one tag in the value of a tag list 5C.
std::optional<std::uint32_t> tagOf(ByteView value) {
  if (value.empty() || value.size() > 3) {
    return std::nullopt;
  }
  std::uint32_t tag = 0;
  for (const std::uint8_t byte : value) {
    tag = tag << 8U | byte;
  }
  return tag;
}

bool addressesData(const CommandApdu& command) {
  return command.p1 == 0x3F && command.p2 == 0xFF;
}

Bytes applicationPropertyTemplate() {
  Bytes authority;
  wire::appendTlv(authority, 0x4F, ByteView(piv::kApplicationId).first(kRegisteredIdSize));
  Bytes inner;
  wire::appendTlv(inner, 0x4F, piv::kApplicationId);  // whole, with its version
  wire::appendTlv(inner, 0x79, authority);
  return wire::encodeTlv(0x61, inner);
}

Bytes publicKeyTemplate(const PrivateKey& key) {
  Bytes inner;
  if (isRsa(key.algorithm())) {
    wire::appendTlv(inner, 0x81, key.modulus());
    wire::appendTlv(inner, 0x82, key.publicExponent());
  } else {
    wire::appendTlv(inner, 0x86, key.publicPoint());
  }
  return wire::encodeTlv(0x7F49, inner);
}

}  // namespace

bool PivApplication::isNamedBy(ByteView name) {
  return name.size() >= kRegisteredIdSize && name.size() <= piv::kApplicationId.size() &&
         std::equal(name.begin(), name.end(), piv::kApplicationId.begin());
}

// Part 2 §3.1.1. Selecting again changes no security status, and neither does an unsuccessful
// SELECT.
ResponseApdu PivApplication::select(const CommandApdu& command) {
  if (!isNamedBy(command.data)) {
    return {.status = sw::kNotFound};
  }
  return {.data = applicationPropertyTemplate(), .status = sw::kOk};
}

// Part 2 §3.1.2.
ResponseApdu PivApplication::getData(const CommandApdu& command) const {
  if (!addressesData(command)) {
    return {.status = sw::kIncorrectP1P2};
  }
  wire::TlvReader reader(command.data);
  const auto list = reader.next();
  const auto tag = list && list->tag == 0x5C && reader.atEnd() ? tagOf(list->value) : std::nullopt;
  if (!tag) {
    return {.status = sw::kIncorrectData};
  }
  if (needsPinToRead(*tag) && !session_.pinVerified) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  const auto found = state().objects.find(*tag);
  if (found == state().objects.end()) {
    return {.status = sw::kNotFound};
  }
  return {.data = found->second, .status = sw::kOk};
}

// Part 2 §3.3.1: { 5C tag, 53 content }, or a template of its own. Empty content empties the
// container.
ResponseApdu PivApplication::putData(const CommandApdu& command) {
  if (!addressesData(command)) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (!session_.managementAuthenticated) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  wire::TlvReader reader(command.data);
  const auto first = reader.next();
  if (!first) {
    return {.status = sw::kIncorrectData};
  }
  std::uint32_t tag = first->tag;
  ByteView content = first->value;
  if (!isOwnTemplate(tag)) {
    const auto named = first->tag == 0x5C ? tagOf(first->value) : std::nullopt;
    const auto second = reader.next();
    if (!named || !second || second->tag != kEnvelope) {
      return {.status = sw::kIncorrectData};
    }
    if (!isWritable(*named)) {
      return {.status = sw::kNotFound};
    }
    tag = *named;
    content = second->value;
  }
  if (!reader.atEnd()) {
    return {.status = sw::kIncorrectData};
  }
  if (content.size() > kMaxObjectSize) {
    return {.status = sw::kNotEnoughMemory};
  }
  CardState next = state();
  if (content.empty()) {
    next.objects.erase(tag);
  } else {
    next.objects[tag] = wire::encodeTlv(isOwnTemplate(tag) ? tag : kEnvelope, content);
  }
  return {.status = memory_.commit(std::move(next))};
}

// Part 2 §3.3.2: AC { 80 algorithm }, and a parameter 81 that no algorithm here has.
ResponseApdu PivApplication::generateKey(const CommandApdu& command) {
  if (command.p1 != 0x00 || !piv::isGeneratedKey(command.p2)) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (!session_.managementAuthenticated) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  wire::TlvReader outer(command.data);
  const auto control = outer.next();
  if (!control || control->tag != 0xAC || !outer.atEnd()) {
    return {.status = sw::kIncorrectData};
  }
  wire::TlvReader inner(control->value);
  const auto mechanism = inner.next();
  const auto algorithm =
      mechanism && mechanism->tag == 0x80 && mechanism->value.size() == 1 && inner.atEnd()
          ? keyAlgorithmFrom(mechanism->value[0])
          : std::nullopt;
  if (!algorithm) {
    return {.status = sw::kIncorrectData};
  }
  auto key = PrivateKey::generate(*algorithm);
  if (!key) {
    return {.status = sw::kUnspecified};
  }
  Bytes answer = publicKeyTemplate(*key);
  CardState next = state();
  next.keys.insert_or_assign(command.p2, std::move(*key));
  if (const auto stored = memory_.commit(std::move(next)); !stored.ok()) {
    return {.status = stored};
  }
  return {.data = std::move(answer), .status = sw::kOk};
}

}  // namespace fncard::hw_sim
