// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/pcsc_error.h"

#include <array>
#include <cstdio>

namespace fncard::card::pcsc {
namespace {

ErrorCode codeOf(LONG code) {
  switch (code) {
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_INVALID_HANDLE:
    case SCARD_P_SHUTDOWN:
    case SCARD_F_COMM_ERROR:  // between this program and the service, not with the card
      return ErrorCode::NoService;
    case SCARD_E_NO_READERS_AVAILABLE:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_READER_UNSUPPORTED:
      return ErrorCode::NoReader;
    case SCARD_E_NO_SMARTCARD:
      return ErrorCode::NoCard;
    case SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_W_UNPOWERED_CARD:
    case SCARD_W_UNSUPPORTED_CARD:
    case SCARD_E_PROTO_MISMATCH:
    case SCARD_E_NOT_READY:
    case SCARD_E_INVALID_ATR:
    case SCARD_E_NOT_TRANSACTED:  // the reader could not get the bytes through
    case SCARD_E_COMM_DATA_LOST:
      return ErrorCode::CardMute;
    case SCARD_E_UNKNOWN_CARD:
    case SCARD_E_CARD_UNSUPPORTED:
      return ErrorCode::UnknownCard;
    case SCARD_W_REMOVED_CARD:
    case SCARD_W_RESET_CARD:
      return ErrorCode::CardRemoved;
    case SCARD_E_SHARING_VIOLATION:
      return ErrorCode::ReaderBusy;
    case SCARD_E_CANCELLED:
    case SCARD_E_SYSTEM_CANCELLED:
    case SCARD_W_CANCELLED_BY_USER:
      return ErrorCode::Cancelled;
    case SCARD_E_UNSUPPORTED_FEATURE:
      return ErrorCode::Unsupported;
    default:
      return ErrorCode::Internal;
  }
}

}  // namespace

Error toError(LONG code, std::string_view call) {
  std::array<char, 16> hex{};
  std::snprintf(hex.data(), hex.size(), " %08X", static_cast<unsigned>(code));
  return {.code = codeOf(code), .detail = std::string(call) + hex.data()};
}

Error toConnectionError(LONG code, std::string_view call) {
  Error error = toError(code, call);
  // libpcsclite says "invalid value" for the handle of a reader that is no more
  if (error.code == ErrorCode::NoService || error.code == ErrorCode::NoReader ||
      error.code == ErrorCode::NoCard || code == SCARD_E_INVALID_VALUE) {
    error.code = ErrorCode::CardRemoved;
  }
  return error;
}

bool serviceLost(LONG code) {
  return codeOf(code) == ErrorCode::NoService;
}

}  // namespace fncard::card::pcsc
