// SPDX-License-Identifier: Apache-2.0
#include "activation-client/permit_number.h"

#include <algorithm>
#include <array>

namespace fncard::activation_client {
namespace {

bool isUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// The number that stands for a letter: in the order in which places were added, not the alphabet's.
unsigned letterValue(char letter) {
  static constexpr std::array<unsigned, 26> kValues = {10, 11, 12, 13, 14, 15, 16, 17, 34,
                                                       18, 19, 20, 21, 22, 35, 23, 24, 25,
                                                       26, 27, 28, 29, 32, 30, 31, 33};
  return kValues.at(static_cast<std::size_t>(letter - 'A'));
}

unsigned digitValue(char digit) {
  return static_cast<unsigned>(digit - '0');
}

bool hasForm(std::string_view number) {
  if (number.size() != 10 || !isUpper(number[0]) ||
      !std::ranges::all_of(number.substr(2), isDigit)) {
    return false;
  }
  const char second = number[1];
  return second == '8' || second == '9' || (second >= 'A' && second <= 'D');
}

}  // namespace

PermitNumberFault faultOf(std::string_view permitNumber) {
  if (!hasForm(permitNumber)) {
    return PermitNumberFault::Format;
  }
  static constexpr std::array<unsigned, 9> kWeights = {8, 7, 6, 5, 4, 3, 2, 1, 1};
  const unsigned first = letterValue(permitNumber[0]);
  const char second = permitNumber[1];
  unsigned sum = first / 10 + first % 10 * 9;
  sum += (isDigit(second) ? digitValue(second) : letterValue(second) % 10) * kWeights[0];
  for (std::size_t i = 2; i < permitNumber.size(); ++i) {
    sum += digitValue(permitNumber[i]) * kWeights.at(i - 1);
  }
  return sum % 10 == 0 ? PermitNumberFault::None : PermitNumberFault::CheckDigit;
}

std::string normalisePermitNumber(std::string_view typed) {
  const std::size_t begin = typed.find_first_not_of(" \t\r");
  const std::size_t end = typed.find_last_not_of(" \t\r");
  std::string number(begin == std::string_view::npos ? std::string_view{}
                                                     : typed.substr(begin, end - begin + 1));
  std::ranges::transform(number, number.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return number;
}

}  // namespace fncard::activation_client
