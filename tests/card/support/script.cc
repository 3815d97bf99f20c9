// SPDX-License-Identifier: Apache-2.0
#include "tests/card/support/script.h"

#include <gtest/gtest.h>

#include <utility>

#include "card/piv/administration.h"

namespace fncard::card::testing {

Script::Script(std::vector<Exchange> exchanges) : state_(std::make_shared<State>()) {
  state_->exchanges = std::move(exchanges);
}

Result<wire::ResponseApdu> Script::operator()(ByteView command) {
  if (finished()) {
    ADD_FAILURE() << "a command after the script's end: " << wire::toHex(command);
    return failed(ErrorCode::CardRemoved, "end of script");
  }
  const Exchange& line = state_->exchanges[state_->next++];
  if (line.command != "*") {
    EXPECT_EQ(wire::toHex(command), wire::toHex(hex(line.command))) << "exchange " << state_->next;
  }
  const Bytes answer = hex(line.answer);
  auto response = wire::ResponseApdu::parse(answer);
  if (!response) {
    return failed(ErrorCode::CardMute, "script without an answer");
  }
  return std::move(*response);
}

void Script::append(std::vector<Exchange> exchanges) {
  for (Exchange& exchange : exchanges) {
    state_->exchanges.push_back(std::move(exchange));
  }
}

bool Script::finished() const {
  return state_->next == state_->exchanges.size();
}

std::vector<Exchange> openingLines() {
  CardIdentity identity{.cardNumber = "AB12345678901234", .expiry = "2031-11-30"};
  identity.guid.fill(0x47);
  const Bytes chuid = wire::encodeTlv(0x53, piv::encodeChuid(identity));
  return {{"00A4040009A0000003080000100000", "61 00 9000"},
          {"00CB3FFF055C035FC10200", wire::toHex(chuid) + "9000"}};
}

Bytes hex(const std::string& text) {
  std::string compact = text;
  std::erase(compact, ' ');
  const auto bytes = wire::fromHex(compact);
  EXPECT_TRUE(bytes.has_value()) << text;
  return bytes.value_or(Bytes());
}

}  // namespace fncard::card::testing
