// SPDX-License-Identifier: Apache-2.0
#include "card/piv/pin_pad.h"

#include <algorithm>
#include <array>
#include <optional>

#include "card/pin.h"
#include "card/piv/status.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kBlock = 8;         // bytes of a padded PIN
constexpr std::uint8_t kAsciiLeft = 0x82;  // bmFormatString: offsets in bytes, left, ASCII
constexpr std::uint8_t kNoPinLength = 0x00;
constexpr std::uint8_t kReadersDefault = 0x00;
constexpr std::uint8_t kConfirmAndAskCurrent = 0x03;
constexpr std::uint8_t kWhenKeyPressed = 0x02;  // the person ends the PIN with the pad's OK key

/// wPINMaxExtraDigit is min << 8 | max; part 10 writes words with the low byte first.
void appendDigits(Bytes& out, const PinPad& pad) {
  const std::size_t max = std::clamp<std::size_t>(pad.maxDigits, Pin::kMinDigits, Pin::kMaxDigits);
  out.push_back(static_cast<std::uint8_t>(max));
  out.push_back(static_cast<std::uint8_t>(Pin::kMinDigits));
}

void appendMessages(Bytes& out, const PinPad& pad, std::uint8_t count) {
  out.push_back(pad.hasDisplay ? count : std::uint8_t{0});  // bNumberMessage
  constexpr std::array<std::uint8_t, 2> kEnglish{0x09, 0x04};
  out.insert(out.end(), kEnglish.begin(), kEnglish.end());  // wLangId: what every reader has
  for (std::uint8_t index = 0; index < count; ++index) {
    out.push_back(index);  // bMsgIndex
  }
}

/// bTeoPrologue, ulDataLength and the command with blocks of padding where the PINs go.
void appendCommand(Bytes& out, std::uint8_t instruction, std::uint8_t blocks) {
  const auto size = static_cast<std::uint8_t>(blocks * kBlock);
  const std::array<std::uint8_t, 12> head{
      0, 0, 0, static_cast<std::uint8_t>(5 + size), 0, 0, 0, 0x00, instruction, 0x00, 0x80, size};
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), size, kPinPadding);
}

std::optional<ErrorCode> padError(wire::StatusWord status) {
  switch (static_cast<unsigned>(status.sw1() << 8U | status.sw2())) {
    case 0x6400:
      return ErrorCode::PinEntryTimedOut;
    case 0x6401:
      return ErrorCode::Cancelled;
    case 0x6402:
      return ErrorCode::PinsDiffer;
    case 0x6403:
      return ErrorCode::PinFormat;
    case 0x6B80:  // the reader does not take the structure
      return ErrorCode::Unsupported;
    default:
      return std::nullopt;
  }
}

}  // namespace

Bytes pinVerifyStructure(const PinPad& pad) {
  Bytes out{kPinEntrySeconds, kReadersDefault, kAsciiLeft, kBlock, kNoPinLength};
  appendDigits(out, pad);
  out.push_back(kWhenKeyPressed);
  appendMessages(out, pad, 1);
  appendCommand(out, 0x20, 1);
  return out;
}

Bytes pinModifyStructure(const PinPad& pad) {
  Bytes out{kPinEntrySeconds, kReadersDefault, kAsciiLeft, kBlock, kNoPinLength, 0, kBlock};
  appendDigits(out, pad);
  out.push_back(kConfirmAndAskCurrent);
  out.push_back(kWhenKeyPressed);
  appendMessages(out, pad, 3);
  appendCommand(out, 0x24, 2);
  return out;
}

Result<void> padResult(const Result<wire::ResponseApdu>& answer, std::string_view what) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (answer->status.ok()) {
    return {};
  }
  Error error = toError(answer->status, what, After::Pin);
  if (const auto ofPad = padError(answer->status)) {
    error.code = *ofPad;
  }
  return tl::unexpected(error);
}

}  // namespace fncard::card::piv
