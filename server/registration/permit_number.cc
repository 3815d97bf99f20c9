// SPDX-License-Identifier: Apache-2.0
#include "server/registration/permit_number.h"

#include <array>
#include <cstddef>

namespace fncard::server::registration {
namespace {

/// Of A to Z.
constexpr std::array<int, 26> kLetterValues = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                               22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
constexpr std::array<int, 11> kWeights = {1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1};
constexpr std::size_t kSize = 10;

bool isDigit(char character) {
  return character >= '0' && character <= '9';
}
bool isLetter(char character) {
  return character >= 'A' && character <= 'Z';
}
int letterValue(char letter) {
  return kLetterValues.at(static_cast<std::size_t>(letter - 'A'));
}

bool hasForm(std::string_view number) {
  if (number.size() != kSize || !isLetter(number[0])) {
    return false;
  }
  const char second = number[1];
  if (second != '8' && second != '9' && !(second >= 'A' && second <= 'D')) {
    return false;
  }
  for (const char character : number.substr(2)) {
    if (!isDigit(character)) {
      return false;
    }
  }
  return true;
}

}  // namespace

PermitNumberCheck checkPermitNumber(std::string_view number) {
  if (!hasForm(number)) {
    return PermitNumberCheck::WrongForm;
  }
  const int area = letterValue(number[0]);
  const int second = isDigit(number[1]) ? number[1] - '0' : letterValue(number[1]) % 10;
  int sum = area / 10 * kWeights[0] + area % 10 * kWeights[1] + second * kWeights[2];
  for (std::size_t i = 2; i < kSize; ++i) {
    sum += (number[i] - '0') * kWeights.at(i + 1);
  }
  return sum % 10 == 0 ? PermitNumberCheck::Good : PermitNumberCheck::WrongCheckDigit;
}

}  // namespace fncard::server::registration
