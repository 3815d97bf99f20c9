// SPDX-License-Identifier: Apache-2.0
#include "server/payment/invoice.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fncard::server::payment {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool isOf(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

bool isMobileBarcode(std::string_view value) {
  constexpr std::size_t kSize = 8;
  return value.size() == kSize && value.front() == '/' &&
         isOf(value.substr(1), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.+-");
}

bool isCitizenBarcode(std::string_view value) {
  constexpr std::size_t kSize = 16;
  return value.size() == kSize && isOf(value.substr(0, 2), kLetters) &&
         isOf(value.substr(2), kDigits);
}

bool isDonationCode(std::string_view value) {
  return value.size() >= 3 && value.size() <= 7 && isOf(value, kDigits);
}

}  // namespace

bool isCompanyNumber(const std::string& number) {
  constexpr std::array<int, 8> kWeights = {1, 2, 1, 2, 1, 2, 4, 1};
  if (number.size() != kWeights.size() || !isOf(number, kDigits) ||
      std::ranges::count(number, '0') == static_cast<long>(number.size())) {
    return false;
  }
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    const int product = (number[i] - '0') * kWeights.at(i);
    sum += product / 10 + product % 10;
  }
  // a seventh digit of 7 gives 28, whose digits' sum 10 counts as 1 or as 0
  return sum % 5 == 0 || (number[6] == '7' && (sum + 1) % 5 == 0);
}

bool isInvoiceValue(const std::string& kind, const std::string& value) {
  return (kind == "mobile" && isMobileBarcode(value)) ||
         (kind == "citizen" && isCitizenBarcode(value)) ||
         (kind == "donation" && isDonationCode(value)) ||
         (kind == "company" && isCompanyNumber(value)) || (kind == "paper" && value.empty());
}

}  // namespace fncard::server::payment
