// SPDX-License-Identifier: Apache-2.0
// The simulated card under any row of commands: always a status word, always a state that a card
// can have, and what it answered for is stored.
//
// Input: one byte of switches (1: no extended length, 2: cannot store, 4: a personalised card),
// then commands as records. An empty record authenticates with the administration key, as random
// bytes never would; a record of one byte is vpcd's power message.
#include "hw-sim/simulated_card.h"

#include <algorithm>
#include <array>

#include "hw-sim/vpcd_link.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;
using namespace fncard::hw_sim;

/// Each may cost an RSA operation, and a row of more finds nothing more.
constexpr int kMaxCommands = 40;

class MemoryStore final : public StateStore {
 public:
  MemoryStore(bool failing, const CardState& state) : failing_(failing), stored_(toJson(state)) {}
  bool save(const CardState& state) override {
    if (!failing_) {
      stored_ = toJson(state);
    }
    return !failing_;
  }
  [[nodiscard]] const std::string& stored() const { return stored_; }

 private:
  bool failing_;
  std::string stored_;
};

/// The key of RFC 6979 appendix A.2.5: the same card in every run, and no secret.
PrivateKey publishedKey() {
  return *PrivateKey::fromScalar(
      KeyAlgorithm::P256,
      *wire::fromHex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"));
}

CardState makeState(unsigned switches) {
  static const PrivateKey ec = publishedKey();
  static const PrivateKey rsa = *PrivateKey::generate(KeyAlgorithm::Rsa2048);
  CardState state = blankCard((switches & 1U) == 0);
  if ((switches & 4U) != 0) {
    state.keys = {{piv::kSignatureKey, ec},
                  {piv::kKeyManagementKey, rsa},
                  {piv::kAuthenticationKey, ec},
                  {piv::kCardAuthenticationKey, ec}};
    state.objects[0x5FC10A] = wire::encodeTlv(0x53, Bytes(1'500, 0xA5));
    state.objects[0x5FC109] = wire::encodeTlv(0x53, Bytes(40, 0x01));
  }
  return state;
}

Bytes transmit(SimulatedCard& card, ByteView command) {
  Bytes response = card.transmit(command);
  bool extended = false;
  const bool parsed = wire::CommandApdu::parse(command, &extended).has_value();
  const std::size_t most =
      parsed && extended ? wire::kMaxExtendedResponse : wire::kMaxShortResponse;
  fuzz::require(response.size() >= 2 && response.size() <= most + 2,
                "a response has a status word and the size of its form");
  return response;
}

/// External authentication (SP 800-73-4 part 2 appendix A.1) with the card's own key.
void authenticate(SimulatedCard& card) {
  const ManagementKey& key = card.state().management;
  const auto command = [&](const Bytes& parts) {
    return wire::CommandApdu{.ins = piv::instruction::kGeneralAuthenticate,
                             .p1 = static_cast<std::uint8_t>(key.cipher),
                             .p2 = piv::kManagementKey,
                             .data = wire::encodeTlv(0x7C, parts)}
        .encode();
  };
  const Bytes answer = transmit(card, command(wire::encodeTlv(0x81, {})));
  const auto outer = wire::findTlv(ByteView(answer).first(answer.size() - 2), 0x7C);
  const auto challenge = outer ? wire::findTlv(*outer, 0x81) : std::nullopt;
  const auto response =
      challenge ? encryptBlock(key.cipher, key.key, *challenge) : std::optional<Bytes>();
  if (response) {
    transmit(card, command(wire::encodeTlv(0x82, *response)));
  }
}

/// RSA key generation takes seconds and finds nothing here.
bool generatesRsa(ByteView command) {
  constexpr std::array<std::uint8_t, 3> kRsa{0x05, 0x07, 0x16};
  const bool generates = command.size() > 5 && command[1] == piv::instruction::kGenerateKey;
  return generates && (command[0] != 0 || std::ranges::find_first_of(command.subspan(5), kRsa) !=
                                              command.subspan(5).end());
}

void power(SimulatedCard& card, std::uint8_t message) {
  switch (message) {
    case vpcd::kPowerOff:
      card.powerOff();
      break;
    case vpcd::kPowerOn:
      card.powerOn();
      break;
    case vpcd::kReset:
      card.reset();
      break;
    default:
      fuzz::require(card.answerToReset().size() <= 33, "an ATR has at most 33 bytes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::Input input(bytes, size);
  const unsigned switches = input.byte();
  const CardState initial = makeState(switches);
  MemoryStore store((switches & 2U) != 0, initial);
  SimulatedCard card(initial, store);
  for (int count = 0; count < kMaxCommands && !input.atEnd(); ++count) {
    const ByteView command = input.record();
    if (command.empty()) {
      authenticate(card);
    } else if (command.size() == 1) {
      power(card, command.front());
    } else if (!generatesRsa(command)) {
      transmit(card, command);
    }
  }
  const CardState& state = card.state();
  fuzz::require(state.pin.triesLeft <= state.pin.triesLimit &&
                    state.puk.triesLeft <= state.puk.triesLimit && state.pin.value.size() == 8 &&
                    state.puk.value.size() == 8,
                "PIN and PUK keep their form");
  const std::string now = toJson(state);
  fuzz::require(now == store.stored(), "the card's state is what was stored");
  if (now != toJson(initial)) {
    const auto again = cardStateFromJson(now);
    fuzz::require(again && toJson(*again) == now, "the card's state can be stored and read");
  }
  return 0;
}
