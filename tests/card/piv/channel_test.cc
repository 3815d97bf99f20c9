// SPDX-License-Identifier: Apache-2.0
#include "card/piv/channel.h"

#include <gtest/gtest.h>

#include "tests/card/support/script.h"

namespace fncard::card::piv {
namespace {

using card::testing::Exchange;
using card::testing::FunctionReaders;
using card::testing::Script;

/// One transaction on a script, in a reader of the test's own.
class ChannelTest : public ::testing::Test {
 protected:
  Channel& open(FunctionReaders::CardFunction card) {
    const std::string reader =
        ::testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(++opened_);
    readers_ = std::make_unique<FunctionReaders>(std::move(card), reader);
    connection_ = *readers_->connect(reader);
    bool reset = false;
    transaction_ = *connection_->begin(&reset);
    channel_ = std::make_unique<Channel>(*transaction_, reader);
    return *channel_;
  }

  void TearDown() override {
    channel_.reset();
    transaction_.reset();
  }

  std::unique_ptr<FunctionReaders> readers_;

 private:
  int opened_ = 0;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<Channel> channel_;
};

wire::CommandApdu longCommand(std::size_t size) {
  return {.ins = 0x87, .p1 = 7, .p2 = 0x9C, .data = Bytes(size, 0xAB), .le = 65'536};
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string out;
  while (count-- > 0) {
    out += text;
  }
  return out;
}

TEST_F(ChannelTest, ALongCommandIsOneExtendedApdu) {
  const Script script({{"0087079C 00010A" + repeated("AB", 266) + "0000", "01 9000"}});
  const auto answer = open(script).send(longCommand(266));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, Bytes{1});
  EXPECT_TRUE(script.finished());
}

TEST_F(ChannelTest, WhereExtendedLengthFailsChainingTakesItsPlaceAndTheReaderIsRemembered) {
  for (const std::string refusal : {"6700", ""}) {
    const std::vector<Exchange> chained{{"1087079C FF" + repeated("AB", 255), "9000"},
                                        {"0087079C 0B" + repeated("AB", 11) + "00", "AA 6102"},
                                        {"00C0000002", "BBCC 9000"}};
    Script script({{"*", refusal}});
    script.append(chained);
    script.append(chained);  // the second time at once
    Channel& channel = open(script);
    for (int i = 0; i < 2; ++i) {
      const auto answer = channel.send(longCommand(266));
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(wire::toHex(answer->data), "AABBCC");
    }
    EXPECT_TRUE(script.finished());
  }
}

TEST_F(ChannelTest, ALengthThatIsWrongInBothFormsSaysNothingAboutTheReader) {
  Script script({{"*", "6700"}, {"*", "9000"}, {"*", "6700"}});
  script.append({{"0087079C 00010A" + repeated("AB", 266) + "0000", "9000"}});
  Channel& channel = open(script);
  EXPECT_EQ(channel.send(longCommand(266))->status, wire::sw::kWrongLength);
  EXPECT_TRUE(channel.send(longCommand(266))->status.ok());
}

TEST_F(ChannelTest, AChainThatIsRefusedOnTheWayEndsThere) {
  const Script script({{"*", ""}, {"*", "6982"}});
  const auto answer = open(script).send(longCommand(600));
  EXPECT_EQ(answer->status, wire::sw::kSecurityStatusNotSatisfied);
  EXPECT_TRUE(script.finished());
}

TEST_F(ChannelTest, AWrongLeIsRepeatedOnceWithTheRightOne) {
  const Script script({{"00CB3FFF 03 5C017E 00", "6C14"}, {"00CB3FFF 03 5C017E 14", "AA 9000"}});
  const auto answer = open(script).send(
      {.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = {0x5C, 0x01, 0x7E}, .le = 256});
  EXPECT_EQ(answer->data, Bytes{0xAA});
}

TEST_F(ChannelTest, ACardThatNeverGetsTheLeRightDoesNotHoldTheProgram) {
  Channel& channel =
      open([](ByteView) { return wire::ResponseApdu{.status = wire::StatusWord(0x6C14)}; });
  EXPECT_EQ(channel.send({.ins = 0xCB, .le = 256})->status.value(), 0x6C14);
  EXPECT_EQ(readers_->exchanges(), 2U);
}

TEST_F(ChannelTest, AnAnswerThatNeverEndsIsMalformed) {
  for (const std::size_t piece : {0U, 1U, 256U}) {
    Channel& channel = open([piece](ByteView) {
      return wire::ResponseApdu{.data = Bytes(piece), .status = wire::StatusWord(0x61FF)};
    });
    const auto answer = channel.send({.ins = 0xCB, .le = 256});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::Malformed);
    EXPECT_LT(readers_->exchanges(), 600U);
  }
}

TEST_F(ChannelTest, ACardThatStopsAnsweringIsARemoval) {
  const Script script({Exchange{"*", ""}});
  EXPECT_EQ(open(script).send({.ins = 0x20}).error().code, ErrorCode::CardRemoved);
}

TEST_F(ChannelTest, ARemovalIsNotTakenForARefusalOfExtendedLength) {
  Channel& channel = open([](ByteView) -> Result<wire::ResponseApdu> {
    return failed(ErrorCode::CardRemoved, "test");
  });
  EXPECT_EQ(channel.send(longCommand(266)).error().code, ErrorCode::CardRemoved);
  EXPECT_EQ(readers_->exchanges(), 1U);
}

}  // namespace
}  // namespace fncard::card::piv
