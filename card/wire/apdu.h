// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "card/wire/bytes.h"
#include "card/wire/tlv.h"

namespace fncard::wire {

/// SW1-SW2 of a response, ISO/IEC 7816-4 §5.6.
class StatusWord {
 public:
  constexpr StatusWord() = default;
  constexpr explicit StatusWord(std::uint16_t value) : value_(value) {}

  [[nodiscard]] constexpr std::uint16_t value() const { return value_; }
  [[nodiscard]] constexpr std::uint8_t sw1() const {
    return static_cast<std::uint8_t>(value_ >> 8U);
  }
  [[nodiscard]] constexpr std::uint8_t sw2() const { return static_cast<std::uint8_t>(value_); }
  [[nodiscard]] constexpr bool ok() const { return value_ == 0x9000; }

  /// 63Cx: a wrong PIN or PUK and the tries that are left.
  [[nodiscard]] constexpr std::optional<unsigned> triesLeft() const {
    return (value_ & 0xFFF0U) == 0x63C0U ? std::optional<unsigned>(value_ & 0x0FU) : std::nullopt;
  }

  friend constexpr bool operator==(StatusWord, StatusWord) = default;

 private:
  std::uint16_t value_ = 0;
};

namespace sw {
inline constexpr StatusWord kOk{0x9000};
inline constexpr StatusWord kMemoryFailure{0x6581};
inline constexpr StatusWord kWrongLength{0x6700};
inline constexpr StatusWord kSecurityStatusNotSatisfied{0x6982};
inline constexpr StatusWord kAuthenticationBlocked{0x6983};
inline constexpr StatusWord kConditionsNotSatisfied{0x6985};
inline constexpr StatusWord kIncorrectData{0x6A80};
inline constexpr StatusWord kFunctionNotSupported{0x6A81};
inline constexpr StatusWord kNotFound{0x6A82};
inline constexpr StatusWord kNotEnoughMemory{0x6A84};
inline constexpr StatusWord kIncorrectP1P2{0x6A86};
inline constexpr StatusWord kReferenceNotFound{0x6A88};
inline constexpr StatusWord kInstructionNotSupported{0x6D00};
inline constexpr StatusWord kClassNotSupported{0x6E00};
inline constexpr StatusWord kUnspecified{0x6F00};
}  // namespace sw

/// Largest data field of a short command, and of an extended one (ISO/IEC 7816-4 §5.1).
inline constexpr std::size_t kMaxShortData = 255;
inline constexpr std::size_t kMaxExtendedData = 65'535;
inline constexpr std::size_t kMaxShortResponse = 256;
inline constexpr std::size_t kMaxExtendedResponse = 65'536;

/// A command APDU. le is the number of response bytes asked for: 0 for none, up to 256 (short) or
/// 65,536 (extended).
struct CommandApdu {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  Bytes data;
  std::size_t le = 0;

  /// True when data and le fit the short form.
  [[nodiscard]] bool fitsShort() const {
    return data.size() <= kMaxShortData && le <= kMaxShortResponse;
  }

  /// The short form, or the extended form when asked for or when the short one does not hold it.
  [[nodiscard]] Bytes encode(bool extended = false) const;

  /// Reads either form. extended tells which one it was, when not null.
  static tl::expected<CommandApdu, FormatError> parse(ByteView bytes, bool* extended = nullptr);
};

/// A response APDU: at most 65,536 bytes and the status word.
struct ResponseApdu {
  Bytes data;
  StatusWord status;

  [[nodiscard]] Bytes encode() const;
  static tl::expected<ResponseApdu, FormatError> parse(ByteView bytes);
};

}  // namespace fncard::wire
