// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Unpredictable values from libsodium's generator.
namespace fncard::server {

std::vector<unsigned char> randomBytes(std::size_t size);
/// Each character uniform over the alphabet (at most 256 characters).
std::string randomText(std::string_view alphabet, std::size_t size);
std::string randomDigits(std::size_t size);
/// An unguessable name: 26 characters of lower-case letters and digits, 130 bits.
std::string randomIdentifier();
/// Two letters and 14 digits (docs/card-profile.md).
std::string randomCardNumber();
unsigned randomBelow(unsigned bound);

}  // namespace fncard::server
