// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "card/wire/bytes.h"

namespace fncard::agent::native {

/// RFC 4648 §4, with padding, in one line.
std::string toBase64(ByteView bytes);
/// Nothing unless the text is exactly what toBase64() writes.
std::optional<Bytes> fromBase64(std::string_view text);

}  // namespace fncard::agent::native
