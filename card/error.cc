// SPDX-License-Identifier: Apache-2.0
#include "card/error.h"

namespace fncard::card {

std::string_view messageCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::NoService:
      return "card.no-service";
    case ErrorCode::NoReader:
      return "card.no-reader";
    case ErrorCode::NoCard:
      return "card.no-card";
    case ErrorCode::CardMute:
      return "card.card-mute";
    case ErrorCode::UnknownCard:
      return "card.unknown-card";
    case ErrorCode::CardRemoved:
      return "card.card-removed";
    case ErrorCode::ReaderBusy:
      return "card.reader-busy";
    case ErrorCode::PinIncorrect:
      return "card.pin-incorrect";
    case ErrorCode::PinBlocked:
      return "card.pin-blocked";
    case ErrorCode::PinFormat:
      return "card.pin-format";
    case ErrorCode::LastTryNotConfirmed:
      return "card.last-try-not-confirmed";
    case ErrorCode::NotLoggedIn:
      return "card.not-logged-in";
    case ErrorCode::ObjectNotFound:
      return "card.object-not-found";
    case ErrorCode::Malformed:
      return "card.malformed";
    case ErrorCode::Unsupported:
      return "card.unsupported";
    case ErrorCode::CardFailed:
      return "card.card-failed";
    case ErrorCode::Cancelled:
      return "card.cancelled";
    case ErrorCode::PinEntryTimedOut:
      return "card.pin-entry-timed-out";
    case ErrorCode::PinsDiffer:
      return "card.pins-differ";
    case ErrorCode::Internal:
      break;
  }
  return "card.internal";
}

}  // namespace fncard::card
