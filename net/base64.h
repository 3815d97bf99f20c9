// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fncard::net {

/// Base64 with padding (RFC 4648 §4), as bytes travel in the JSON of docs/api.md.
std::string encodeBase64(std::span<const std::uint8_t> bytes);

/// Nothing for any other character, missing padding, or bits behind the last byte that are not
/// zero: one text for one value.
std::optional<std::vector<std::uint8_t>> decodeBase64(std::string_view text);

}  // namespace fncard::net
