// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "card/wire/bytes.h"

namespace fncard::card::piv {

inline constexpr std::size_t kFascnSize = 25;
using Fascn = std::array<std::uint8_t, kFascnSize>;

/// Two capital letters and 14 digits.
bool isCardNumber(std::string_view text);

/// The FASC-N that carries a card number (docs/card-profile.md). The number must be well-formed;
/// for any other text every field is zero.
Fascn encodeFascn(std::string_view cardNumber);

/// The card number in a FASC-N; nothing when a parity bit, a separator or the check character is
/// wrong, or when it is another agency's.
std::optional<std::string> cardNumberOf(ByteView fascn);

}  // namespace fncard::card::piv
