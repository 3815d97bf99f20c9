// SPDX-License-Identifier: Apache-2.0
#include "server/api/values.h"

#include <algorithm>
#include <string_view>

namespace fncard::server::api {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kEmailCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";

bool isOf(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

}  // namespace

bool isPhone(const std::string& text) {
  constexpr long kFewest = 6;
  constexpr long kMost = 15;  // ITU-T E.164
  const long digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return isOf(text, "0123456789+-() ") && digits >= kFewest && digits <= kMost;
}

bool isEmail(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) {
    return false;
  }
  const std::string_view local = std::string_view(text).substr(0, at);
  const std::string_view domain = std::string_view(text).substr(at + 1);
  const auto dotted = [](std::string_view part) {
    return !part.starts_with('.') && !part.ends_with('.') &&
           part.find("..") == std::string_view::npos;
  };
  return isOf(local, kEmailCharacters) && isOf(domain, kEmailCharacters) && dotted(local) &&
         dotted(domain);
}

bool isProfile(const std::string& text) {
  return text == "rsa2048" || text == "p256" || text == "p384";
}

bool isCardNumber(const std::string& text) {
  constexpr std::size_t kSize = 16;
  constexpr std::size_t kLetters = 2;
  return text.size() == kSize && isOf(std::string_view(text).substr(0, kLetters), kUpper) &&
         isOf(std::string_view(text).substr(kLetters), kDigits);
}

bool isMailNumber(const std::string& text) {
  constexpr std::size_t kSize = 20;
  return text.size() == kSize && isOf(text, kDigits);
}

}  // namespace fncard::server::api
