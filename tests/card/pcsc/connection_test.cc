// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "card/reader.h"
#include "tests/card/pcsc/scripted_pcsc.h"

namespace fncard::card {
namespace {

using testing::ScriptedPcsc;

const Bytes kCommand{0x00, 0xA4, 0x04, 0x00};

class PcscConnections : public ::testing::Test {
 protected:
  void SetUp() override {
    pc_.reset();
    pc_.addReader("A");
    pc_.insertCard("A", [](ByteView) { return Bytes{0x90, 0x00}; });
    auto connection = service_->connect("A");
    ASSERT_TRUE(connection.has_value());
    connection_ = std::move(*connection);
  }
  void TearDown() override {
    connection_.reset();
    service_.reset();
    for (const DWORD disposition : pc_.dispositions()) {
      EXPECT_EQ(disposition, static_cast<DWORD>(SCARD_LEAVE_CARD));
    }
    EXPECT_FALSE(pc_.beganTwice());
    EXPECT_EQ(pc_.openContexts(), 0);
    EXPECT_EQ(pc_.openHandles(), 0);
    pc_.reset();
  }

  ErrorCode errorOfBegin() {
    bool reset = false;
    const auto begun = connection_->begin(&reset);
    return begun ? ErrorCode::Internal : begun.error().code;
  }

  ScriptedPcsc& pc_ = ScriptedPcsc::instance();
  std::unique_ptr<ReaderService> service_ = makePcscService();
  std::unique_ptr<Connection> connection_;
};

TEST_F(PcscConnections, AResetIsToldOnceAndTheCardIsLeftAsItIs) {
  pc_.resetCard("A");
  bool reset = false;
  EXPECT_TRUE((*connection_->begin(&reset))->exchange(kCommand).has_value());
  EXPECT_TRUE(reset);
  EXPECT_TRUE((*connection_->begin(&reset))->exchange(kCommand).has_value());
  EXPECT_FALSE(reset);
}

TEST_F(PcscConnections, AResetSeenByABeginThatFailsIsToldByTheNext) {
  pc_.resetCard("A");
  pc_.before("SCardReconnect",
             [&] { pc_.force("SCardBeginTransaction", SCARD_E_SHARING_VIOLATION); });
  EXPECT_EQ(errorOfBegin(), ErrorCode::ReaderBusy);
  bool reset = false;
  EXPECT_TRUE(connection_->begin(&reset).has_value());
  EXPECT_TRUE(reset);
}

TEST_F(PcscConnections, ACardThatIsResetForEverIsGivenUp) {
  for (int i = 0; i < 4; ++i) {
    pc_.force("SCardBeginTransaction", SCARD_W_RESET_CARD);
  }
  EXPECT_EQ(errorOfBegin(), ErrorCode::CardRemoved);
}

TEST_F(PcscConnections, WhatEachCallMayAnswerIsATypedError) {
  for (const LONG code : {SCARD_W_REMOVED_CARD, SCARD_E_NO_SERVICE, SCARD_E_READER_UNAVAILABLE,
                          SCARD_E_NO_SMARTCARD, SCARD_F_COMM_ERROR, SCARD_E_INVALID_VALUE}) {
    pc_.force("SCardBeginTransaction", code);
    EXPECT_EQ(errorOfBegin(), ErrorCode::CardRemoved) << std::hex << code;
    pc_.resetCard("A");
    pc_.force("SCardReconnect", code);
    EXPECT_EQ(errorOfBegin(), ErrorCode::CardRemoved) << std::hex << code;
    bool reset = false;
    const auto begun = connection_->begin(&reset);
    pc_.force("SCardTransmit", code);
    EXPECT_EQ((*begun)->exchange(kCommand).error().code, ErrorCode::CardRemoved);
    pc_.force("SCardEndTransaction", code);
  }
  for (const auto& [code, expected] :
       {std::pair(SCARD_W_REMOVED_CARD, ErrorCode::NoCard),
        std::pair(SCARD_E_NO_SMARTCARD, ErrorCode::NoCard),
        std::pair(SCARD_E_NO_SERVICE, ErrorCode::NoService),
        std::pair(SCARD_E_UNKNOWN_READER, ErrorCode::NoReader),
        std::pair(SCARD_W_UNRESPONSIVE_CARD, ErrorCode::CardMute),
        std::pair(SCARD_E_SHARING_VIOLATION, ErrorCode::ReaderBusy)}) {
    pc_.force("SCardConnect", code);
    EXPECT_EQ(service_->connect("A").error().code, expected);
  }
}

TEST_F(PcscConnections, WhoDoesNotWaitIsToldThatSomebodyElseIsInATransaction) {
  bool reset = false;
  pc_.force("SCardGetAttrib", SCARD_E_SHARING_VIOLATION);
  EXPECT_EQ(connection_->beginIfFree(&reset).error().code, ErrorCode::ReaderBusy);
  EXPECT_EQ(pc_.count("SCardBeginTransaction"), 0);
  {
    const auto begun = connection_->begin(&reset);
    ASSERT_TRUE(begun.has_value());
    EXPECT_EQ(connection_->beginIfFree(&reset).error().code, ErrorCode::ReaderBusy);
  }
  pc_.force("SCardGetAttrib", SCARD_E_UNSUPPORTED_FEATURE);
  EXPECT_TRUE(connection_->beginIfFree(&reset).has_value());
  pc_.resetCard("A");
  EXPECT_TRUE(connection_->beginIfFree(&reset).has_value());
  EXPECT_TRUE(reset);
}

TEST_F(PcscConnections, AResetInTheMiddleOfATransactionEndsIt) {
  bool reset = false;
  const auto begun = connection_->begin(&reset);
  pc_.resetCard("A");
  EXPECT_EQ((*begun)->exchange(kCommand).error().code, ErrorCode::CardRemoved);
}

TEST_F(PcscConnections, AnAnswerWithoutAStatusWordIsAMuteCard) {
  pc_.insertCard("A", [](ByteView) { return Bytes{0x90}; });
  const auto other = std::move(*service_->connect("A"));
  bool reset = false;
  EXPECT_EQ((*other->begin(&reset))->exchange(kCommand).error().code, ErrorCode::CardMute);
}

TEST_F(PcscConnections, ThreadsTakeTurnsOnOneConnection) {
  const auto work = [this] {
    for (int i = 0; i < 50; ++i) {
      bool reset = false;
      const auto begun = connection_->begin(&reset);
      EXPECT_TRUE((*begun)->exchange(kCommand).has_value());
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(pc_.count("SCardTransmit"), 100);
}

TEST_F(PcscConnections, AChildProcessCallsNothingOnItsParentsHandles) {
  bool reset = false;
  auto begun = connection_->begin(&reset);
  const pid_t child = fork();
  if (child == 0) {
    const std::size_t before = pc_.calls().size();
    const bool refused = !(*begun)->exchange(kCommand) && !(*begun)->pinPad();
    begun->reset();
    const bool stillRefused = !connection_->begin(&reset);
    connection_.reset();
    _exit(refused && stillRefused && pc_.calls().size() == before ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace fncard::card
