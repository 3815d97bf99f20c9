// SPDX-License-Identifier: Apache-2.0
#include "card/piv/status.h"

#include <gtest/gtest.h>

#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card::piv {
namespace {

ErrorCode codeAfter(std::uint16_t status, After after) {
  return toError(wire::StatusWord(status), "command", after).code;
}

TEST(Status, IsAboutThePinOnlyAfterACommandThatHadOne) {
  for (const auto& [status, pin] :
       {std::pair{0x63C2, ErrorCode::PinIncorrect}, std::pair{0x63C0, ErrorCode::PinBlocked},
        std::pair{0x6983, ErrorCode::PinBlocked}}) {
    EXPECT_EQ(codeAfter(static_cast<std::uint16_t>(status), After::Pin), pin);
    for (const auto after : {After::Command, After::Protected}) {
      const auto error = toError(wire::StatusWord(static_cast<std::uint16_t>(status)), "x", after);
      EXPECT_EQ(error.code, ErrorCode::CardFailed);
      EXPECT_FALSE(error.triesLeft);
    }
  }
  EXPECT_EQ(toError(wire::StatusWord(0x63C2), "VERIFY", After::Pin).triesLeft, 2U);
  EXPECT_EQ(codeAfter(0x6982, After::Protected), ErrorCode::NotLoggedIn);
  EXPECT_EQ(codeAfter(0x6982, After::Command), ErrorCode::CardFailed);
  EXPECT_EQ(codeAfter(0x6982, After::Pin), ErrorCode::CardFailed);
}

/// A hiccup of our card, which may be over the next time.
TEST(Status, ACardIsAForeignOneOnlyWhenItSaysSo) {
  const auto memory = testing::personalisedCard(KeyAlgorithm::EcP256);
  Bytes selectAnswer;
  testing::FunctionReaders readers([&](ByteView command) {
    return command[1] == 0xA4 ? *wire::ResponseApdu::parse(selectAnswer) : memory->process(command);
  });
  for (const auto& [answer, code] :
       std::vector<std::pair<Bytes, ErrorCode>>{{{0x6A, 0x82}, ErrorCode::UnknownCard},
                                                {{0x6D, 0x00}, ErrorCode::UnknownCard},
                                                {{0x6E, 0x00}, ErrorCode::UnknownCard},
                                                {{0x6F, 0x00}, ErrorCode::CardFailed},
                                                {{0x69, 0x82}, ErrorCode::CardFailed},
                                                {{0x69, 0x83}, ErrorCode::CardFailed},
                                                {{0x63, 0xC0}, ErrorCode::CardFailed},
                                                {{0x4F, 0x11, 0x4F}, ErrorCode::CardFailed}}) {
    selectAnswer = answer;
    const auto opened = openCard(readers, "Test Reader 00 00");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code) << wire::toHex(answer);
  }
}

}  // namespace
}  // namespace fncard::card::piv
