// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "card/pin.h"
#include "card/wire/bytes.h"

namespace fncard::agent_link {

/// What the PIN will be used for, as the person is told.
enum class Purpose { Login, Signature, Decryption };

/// A question for the PIN. The texts are the asking program's own words: the agent shows them as
/// such, cleaned and cut to kMaxText bytes.
struct PinRequest {
  static constexpr std::size_t kMaxText = 1024;

  Purpose purpose = Purpose::Login;
  std::string program;                ///< the program that asks, for people: "Firefox"
  std::string cardNumber;             ///< or empty
  std::string holder;                 ///< name in the certificate, or empty
  std::optional<unsigned> triesLeft;  ///< where it is known; 1 makes the agent ask twice
  bool wrongPinBefore = false;        ///< this is asked again because the last PIN was wrong

  friend bool operator==(const PinRequest&, const PinRequest&) = default;
};

/// Why there is no PIN.
enum class Error {
  Cancelled,  ///< by the person, or by the caller's cancel descriptor
  NoAgent,    ///< no agent runs here, or it went away before it answered
  Busy,       ///< too many questions are waiting
  TimedOut,   ///< nobody answered in time
  Refused,    ///< the agent's answer, or the agent, cannot be trusted or it does not trust us
};

/// JSON of at most kMaxRequest bytes; texts that are too long are cut, what is no UTF-8 is
/// replaced.
Bytes encodePinRequest(const PinRequest& request);
/// Nothing for what is not exactly a question for a PIN (README.md).
std::optional<PinRequest> parsePinRequest(ByteView json);

/// Bytes of the longest answer, without the frame's header: status and eight digits.
inline constexpr std::size_t kMaxPinAnswer = 1 + card::Pin::kMaxDigits;

/// The whole frame of an answer, in locked memory.
card::SecretBytes encodePinAnswer(const card::Pin& pin);
card::SecretBytes encodePinAnswer(Error error);
/// Takes the answer (without the frame's header) over; Refused for what is none.
tl::expected<card::Pin, Error> parsePinAnswer(card::SecretBytes answer);

}  // namespace fncard::agent_link
