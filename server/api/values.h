// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

/// The forms of values that come in requests, and their longest sizes in bytes.
namespace fncard::server::api {

inline constexpr std::size_t kLongestWord = 32;
inline constexpr std::size_t kLongestPermitNumber = 20;
inline constexpr std::size_t kLongestPhone = 20;
inline constexpr std::size_t kLongestEmail = 254;  // RFC 5321 §4.5.3.1.3
inline constexpr std::size_t kLongestUserCode = 32;
inline constexpr std::size_t kLongestAddress = 400;
inline constexpr std::size_t kLongestReason = 200;
inline constexpr std::size_t kLargestSignature = 1024;
inline constexpr std::size_t kLargestPublicKey = 1024;
inline constexpr std::size_t kLargestReceipt = 1024;
inline constexpr std::size_t kHashSize = 32;

/// "0912345678", "+886 912-345-678": 6 to 15 digits.
bool isPhone(const std::string& text);
/// One "@" with something on both sides, of the ASCII characters that need no quoting (RFC 5321
/// §4.1.2).
bool isEmail(const std::string& text);
bool isProfile(const std::string& text);
/// Two letters and 14 digits.
bool isCardNumber(const std::string& text);
/// Twenty digits.
bool isMailNumber(const std::string& text);

}  // namespace fncard::server::api
