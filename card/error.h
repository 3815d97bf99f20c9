// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "card/wire/apdu.h"

namespace fncard::card {

/// What can go wrong between a program and a card. Each has a sentence in messages/catalogues under
/// messageCode().
enum class ErrorCode {
  NoService,            ///< pcscd does not run or does not answer
  NoReader,             ///< no reader, or not the named one
  NoCard,               ///< the reader is empty
  CardMute,             ///< a card that does not answer, or upside down
  UnknownCard,          ///< a card without an application that we know
  CardRemoved,          ///< it was taken out, or another card is in its place
  ReaderBusy,           ///< another program holds the card exclusively
  PinIncorrect,         ///< triesLeft says how many are left
  PinBlocked,           ///< PIN (or PUK) has no try left
  PinFormat,            ///< not 6 to 8 digits; the card was not asked
  LastTryNotConfirmed,  ///< one try is left and the person has not said that it may be used
  NotLoggedIn,          ///< the card wants the PIN first (6982)
  ObjectNotFound,       ///< the card has no such object or key
  Malformed,            ///< the card's answer does not follow the standard
  Unsupported,          ///< algorithm, key or function that the card or we do not have
  CardFailed,           ///< any other status word, in status
  Cancelled,
  PinEntryTimedOut,  ///< nobody typed on the reader's PIN pad in time
  PinsDiffer,        ///< the new PIN was typed in two different ways on the PIN pad
  Internal,          ///< this PC: memory, PC/SC parameter, …
};

/// An error of the card library: a code for programs, a detail for the log (never a PIN, a key or a
/// plaintext).
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string detail;
  std::optional<unsigned> triesLeft;
  std::optional<wire::StatusWord> status;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// For `return failed(ErrorCode::Malformed, "…");`
inline tl::unexpected<Error> failed(ErrorCode code, std::string detail) {
  return tl::unexpected(Error{.code = code, .detail = std::move(detail)});
}

/// The stable code of the sentence for people: "card.pin-incorrect", … Parameter: {tries}, where
/// triesLeft is set.
std::string_view messageCode(ErrorCode code);

}  // namespace fncard::card
