// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "server/base/hash.h"
#include "server/payment/ecpay.h"

namespace fncard::server::payment {
namespace {

constexpr std::string_view kField = "CheckMacValue";

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

/// .NET's HttpUtility.UrlEncode in lower case, which keeps -_.!*() and makes a space a plus sign.
std::string encoded(std::string_view text) {
  constexpr std::string_view kKept = "-_.!*()";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const char small = lower(character);
    if ((small >= 'a' && small <= 'z') || (character >= '0' && character <= '9') ||
        kKept.find(character) != std::string_view::npos) {
      result += small;
    } else if (character == ' ') {
      result += '+';
    } else {
      result += '%';
      result += kDigits[byte >> 4U];
      result += kDigits[byte & 0x0FU];
    }
  }
  return result;
}

}  // namespace

std::string checkMacValue(const net::Form& form, const std::string& hashKey,
                          const std::string& hashIv) {
  net::Form sorted;
  std::ranges::copy_if(form, std::back_inserter(sorted),
                       [](const auto& field) { return field.first != kField; });
  std::ranges::stable_sort(sorted, {}, [](const auto& field) { return lowered(field.first); });
  std::string text = "HashKey=" + hashKey;
  for (const auto& [key, value] : sorted) {
    text += "&" + key + "=" + value;
  }
  return sha256Hex(encoded(text + "&HashIV=" + hashIv));
}

bool hasRightCheckMacValue(const net::Form& form, const std::string& hashKey,
                           const std::string& hashIv) {
  const auto count = std::ranges::count(
      form, kField, [](const auto& field) -> std::string_view { return field.first; });
  return count == 1 &&
         equalSecrets(net::formValue(form, kField), checkMacValue(form, hashKey, hashIv));
}

}  // namespace fncard::server::payment
