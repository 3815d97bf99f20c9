// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace fncard::server {

/// Number of characters of well-formed UTF-8 (RFC 3629) that are all seen, and in their order; 0
/// for anything else: no control characters (C0, DEL, C1), no marks without width, none that turn
/// the direction of text round.
std::size_t characters(std::string_view text);

/// Bytes of the first count characters of a text that has at least as many.
std::size_t sizeOfCharacters(std::string_view text, std::size_t count);

}  // namespace fncard::server
