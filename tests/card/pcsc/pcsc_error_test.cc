// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/pcsc_error.h"

#include <gtest/gtest.h>

#include <map>

namespace fncard::card::pcsc {
namespace {

/// Every code of pcsclite.h that means something else than a fault in this PC or this program.
const std::map<LONG, ErrorCode>& meanings() {
  static const std::map<LONG, ErrorCode> table{
      {SCARD_E_NO_SERVICE, ErrorCode::NoService},
      {SCARD_E_SERVICE_STOPPED, ErrorCode::NoService},
      {SCARD_E_INVALID_HANDLE, ErrorCode::NoService},
      {SCARD_F_COMM_ERROR, ErrorCode::NoService},
      {SCARD_P_SHUTDOWN, ErrorCode::NoService},
      {SCARD_E_NO_READERS_AVAILABLE, ErrorCode::NoReader},
      {SCARD_E_UNKNOWN_READER, ErrorCode::NoReader},
      {SCARD_E_READER_UNAVAILABLE, ErrorCode::NoReader},
      {SCARD_E_READER_UNSUPPORTED, ErrorCode::NoReader},
      {SCARD_E_NO_SMARTCARD, ErrorCode::NoCard},
      {SCARD_W_UNRESPONSIVE_CARD, ErrorCode::CardMute},
      {SCARD_W_UNPOWERED_CARD, ErrorCode::CardMute},
      {SCARD_W_UNSUPPORTED_CARD, ErrorCode::CardMute},
      {SCARD_E_PROTO_MISMATCH, ErrorCode::CardMute},
      {SCARD_E_NOT_READY, ErrorCode::CardMute},
      {SCARD_E_INVALID_ATR, ErrorCode::CardMute},
      {SCARD_E_NOT_TRANSACTED, ErrorCode::CardMute},
      {SCARD_E_COMM_DATA_LOST, ErrorCode::CardMute},
      {SCARD_E_UNKNOWN_CARD, ErrorCode::UnknownCard},
      {SCARD_E_CARD_UNSUPPORTED, ErrorCode::UnknownCard},
      {SCARD_W_REMOVED_CARD, ErrorCode::CardRemoved},
      {SCARD_W_RESET_CARD, ErrorCode::CardRemoved},
      {SCARD_E_SHARING_VIOLATION, ErrorCode::ReaderBusy},
      {SCARD_E_CANCELLED, ErrorCode::Cancelled},
      {SCARD_E_SYSTEM_CANCELLED, ErrorCode::Cancelled},
      {SCARD_W_CANCELLED_BY_USER, ErrorCode::Cancelled},
      {SCARD_E_UNSUPPORTED_FEATURE, ErrorCode::Unsupported}};
  return table;
}

TEST(PcscError, EachCodeMeansOneThing) {
  for (LONG code = SCARD_F_INTERNAL_ERROR; code <= SCARD_W_CARD_NOT_AUTHENTICATED; ++code) {
    const auto found = meanings().find(code);
    EXPECT_EQ(toError(code, "").code,
              found == meanings().end() ? ErrorCode::Internal : found->second)
        << std::hex << code;
    EXPECT_EQ(serviceLost(code), toError(code, "").code == ErrorCode::NoService);
  }
  EXPECT_EQ(toError(SCARD_E_NO_SERVICE, "SCardConnect").detail, "SCardConnect 8010001D");
}

TEST(PcscError, WhatTakesAnOpenConnectionAwayIsARemoval) {
  for (const auto& [code, meaning] : meanings()) {
    const bool gone = meaning == ErrorCode::NoService || meaning == ErrorCode::NoReader ||
                      meaning == ErrorCode::NoCard;
    EXPECT_EQ(toConnectionError(code, "").code, gone ? ErrorCode::CardRemoved : meaning)
        << std::hex << code;
  }
  EXPECT_EQ(toConnectionError(SCARD_E_INVALID_VALUE, "").code, ErrorCode::CardRemoved);
}

}  // namespace
}  // namespace fncard::card::pcsc
