// SPDX-License-Identifier: Apache-2.0
// The vendor commands that personalisation tools send (yubico-piv-tool and others): the standard
// leaves the change of 9B and the import of keys to the vendor.
#include <array>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;
namespace sw = wire::sw;

/// A firmware version of before the card told which algorithm 9B has: tools then take 3DES.
constexpr std::array<std::uint8_t, 3> kVersion = {5, 2, 4};

/// An RSA prime factor as tools send it, without the leading zeros that some of them add.
ByteView withoutLeadingZeros(ByteView number) {
  while (!number.empty() && number[0] == 0) {
    number = number.subspan(1);
  }
  return number;
}

std::optional<PrivateKey> keyFromParts(KeyAlgorithm algorithm, ByteView parts) {
  if (!isRsa(algorithm)) {
    const auto scalar = wire::findTlv(parts, 0x06);
    return scalar ? PrivateKey::fromScalar(algorithm, *scalar) : std::nullopt;
  }
  const auto p = wire::findTlv(parts, 0x01);
  const auto q = wire::findTlv(parts, 0x02);
  return p && q
             ? PrivateKey::fromPrimes(algorithm, withoutLeadingZeros(*p), withoutLeadingZeros(*q))
             : std::nullopt;
}

}  // namespace

/// 00 FF FF FF (or FE: with touch, which this card does not have): algorithm, 9B, length, key.
ResponseApdu PivApplication::setManagementKey(const CommandApdu& command) {
  if (command.p1 != 0xFF || (command.p2 != 0xFF && command.p2 != 0xFE)) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (!session_.managementAuthenticated) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  constexpr std::size_t kHeader = 3;
  if (command.data.size() < kHeader) {
    return {.status = sw::kWrongLength};
  }
  const auto cipher = blockCipherFrom(command.data[0]);
  if (!cipher || command.data[1] != piv::kManagementKey) {
    return {.status = sw::kIncorrectData};
  }
  if (command.data[2] != keySize(*cipher) || command.data.size() != kHeader + keySize(*cipher)) {
    return {.status = sw::kWrongLength};
  }
  CardState next = state();
  next.management = {.cipher = *cipher,
                     .key = Bytes(command.data.begin() + kHeader, command.data.end())};
  return {.status = memory_.commit(std::move(next))};
}

/// 00 FE algorithm key: 01 p, 02 q (the rest is computed), or 06 the private scalar.
ResponseApdu PivApplication::importKey(const CommandApdu& command) {
  const auto algorithm = keyAlgorithmFrom(command.p1);
  if (!algorithm || !(piv::isGeneratedKey(command.p2) || piv::isKeyManagementKey(command.p2))) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (!session_.managementAuthenticated) {
    return {.status = sw::kSecurityStatusNotSatisfied};
  }
  auto key = keyFromParts(*algorithm, command.data);
  if (!key) {
    return {.status = sw::kIncorrectData};
  }
  CardState next = state();
  next.keys.insert_or_assign(command.p2, std::move(*key));
  return {.status = memory_.commit(std::move(next))};
}

ResponseApdu PivApplication::vendorVersion() const {
  return {.data = Bytes(kVersion.begin(), kVersion.end()), .status = sw::kOk};
}

ResponseApdu PivApplication::vendorSerial() const {
  Bytes out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(state().serial >> shift));
  }
  return {.data = std::move(out), .status = sw::kOk};
}

}  // namespace fncard::hw_sim
