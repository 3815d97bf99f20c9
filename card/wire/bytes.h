// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fncard {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

}  // namespace fncard

namespace fncard::wire {

/// Upper-case hexadecimal without separators.
std::string toHex(ByteView bytes);

/// Reads hexadecimal in either case; nothing for an odd length or any other character.
std::optional<Bytes> fromHex(std::string_view text);

}  // namespace fncard::wire
