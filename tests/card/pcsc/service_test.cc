// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>

#include "card/card.h"
#include "card/pcsc/pcsc_error.h"

namespace fncard::card {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// libpcsclite looks for the service at a place where there is none.
class WithoutService : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "fncard-no-pcscd-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread so far
    setenv("PCSCLITE_CSOCK_NAME", (directory_ + "/pcscd.comm").c_str(), 1);
  }
  void TearDown() override { rmdir(directory_.c_str()); }

 private:
  std::string directory_;
};

TEST_F(WithoutService, EveryCallSaysNoServiceEachTime) {
  const auto service = makePcscService();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(service->readers().error().code, ErrorCode::NoService);
    EXPECT_EQ(service->connect("Reader").error().code, ErrorCode::NoService);
    EXPECT_EQ(service->waitForChange({}, milliseconds(1)).error().code, ErrorCode::NoService);
    EXPECT_EQ(openCard(*service, "Reader").error().code, ErrorCode::NoService);
    EXPECT_EQ(openAnyCard(*service).error().code, ErrorCode::NoService);
  }
}

TEST_F(WithoutService, ACancelBeforeTheWaitEndsTheNextWaitAndOnlyThat) {
  const auto service = makePcscService();
  service->cancelWait();
  EXPECT_EQ(service->waitForChange({}, hours(1)).error().code, ErrorCode::Cancelled);
  EXPECT_EQ(service->waitForChange({}, hours(1)).error().code, ErrorCode::NoService);
}

TEST(PcscError, EachCodeMeansOneThing) {
  using pcsc::toError;
  EXPECT_EQ(toError(SCARD_E_NO_SERVICE, "").code, ErrorCode::NoService);
  EXPECT_EQ(toError(SCARD_E_SERVICE_STOPPED, "").code, ErrorCode::NoService);
  EXPECT_EQ(toError(SCARD_E_UNKNOWN_READER, "").code, ErrorCode::NoReader);
  EXPECT_EQ(toError(SCARD_E_NO_SMARTCARD, "").code, ErrorCode::NoCard);
  EXPECT_EQ(toError(SCARD_W_UNRESPONSIVE_CARD, "").code, ErrorCode::CardMute);
  EXPECT_EQ(toError(SCARD_W_REMOVED_CARD, "").code, ErrorCode::CardRemoved);
  EXPECT_EQ(toError(SCARD_E_SHARING_VIOLATION, "").code, ErrorCode::ReaderBusy);
  EXPECT_EQ(toError(SCARD_E_CANCELLED, "").code, ErrorCode::Cancelled);
  EXPECT_EQ(toError(SCARD_E_NO_MEMORY, "").code, ErrorCode::Internal);
  EXPECT_EQ(toError(SCARD_E_NO_SERVICE, "SCardConnect").detail, "SCardConnect 8010001D");
}

TEST(PcscError, WhatTakesAnOpenConnectionAwayIsARemoval) {
  for (const LONG code : {SCARD_E_NO_SERVICE, SCARD_E_INVALID_HANDLE, SCARD_E_READER_UNAVAILABLE,
                          SCARD_E_NO_SMARTCARD, SCARD_W_REMOVED_CARD}) {
    EXPECT_EQ(pcsc::toConnectionError(code, "").code, ErrorCode::CardRemoved);
  }
  EXPECT_EQ(pcsc::toConnectionError(SCARD_E_SHARING_VIOLATION, "").code, ErrorCode::ReaderBusy);
}

}  // namespace
}  // namespace fncard::card
