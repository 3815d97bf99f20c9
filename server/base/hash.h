// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fncard::server {

/// SHA-256 as 64 upper-case hexadecimal digits.
std::string sha256Hex(std::string_view data);
std::string sha256Hex(std::span<const unsigned char> data);
std::string upperHex(std::span<const unsigned char> data);
/// Whether two texts are equal, in a time that depends on their lengths alone.
bool equalSecrets(std::string_view left, std::string_view right);

}  // namespace fncard::server
