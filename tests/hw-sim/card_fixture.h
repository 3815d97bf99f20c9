// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hw-sim/simulated_card.h"

namespace fncard::hw_sim::testing {

/// Keeps what was stored, and refuses to store when told.
class MemoryStore : public StateStore {
 public:
  bool save(const CardState& state) override {
    if (failing) {
      return false;
    }
    saved.push_back(state);
    return true;
  }
  bool failing = false;
  std::vector<CardState> saved;
};

/// Spaces are for the reader of a test.
inline Bytes hex(std::string text) {
  std::erase(text, ' ');
  return wire::fromHex(text).value();
}

inline const PrivateKey& p256Key() {
  static const PrivateKey key = *PrivateKey::generate(KeyAlgorithm::P256);
  return key;
}
inline const PrivateKey& rsaKey() {
  static const PrivateKey key = *PrivateKey::generate(KeyAlgorithm::Rsa2048);
  return key;
}

inline constexpr const char* kSelect = "00A40400 09 A00000030800001000 00";
inline constexpr const char* kRightPin = "00200080 08 313233343536FFFF";
inline constexpr const char* kWrongPin = "00200080 08 363636363636FFFF";

/// A selected blank card.
class CardTest : public ::testing::Test {
 protected:
  CardTest() : CardTest(blankCard(true)) {}
  explicit CardTest(CardState state) : card(std::move(state), store) { send(kSelect); }

  /// Sends hexadecimal, returns the answer as hexadecimal: data and status word.
  std::string send(const std::string& command) { return wire::toHex(card.transmit(hex(command))); }
  std::string send(const wire::CommandApdu& command, bool extended = false) {
    return wire::toHex(card.transmit(command.encode(extended)));
  }
  static std::string statusOf(const std::string& answer) {
    return answer.size() < 4 ? answer : answer.substr(answer.size() - 4);
  }

  /// External authentication with the key of a blank card.
  void authenticateManagement() {
    const std::string challenge = send("0087039B 04 7C028100 00");  // 7C0A8108 and eight bytes
    const auto& management = card.state().management;
    const auto response =
        encryptBlock(management.cipher, management.key, hex(challenge.substr(8, 16)));
    ASSERT_EQ(send("0087039B 0C 7C0A8208" + wire::toHex(*response)), "9000");
  }

  MemoryStore store;
  SimulatedCard card;
};

}  // namespace fncard::hw_sim::testing
