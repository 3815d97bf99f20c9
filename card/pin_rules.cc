// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "card/pin.h"

namespace fncard::card {
namespace {

constexpr int kFirstRocYear = 1911;  // 民國: year 1 is 1912

ByteView digitsOf(const Pin& pin) {
  const ByteView padded = pin.padded();
  const auto end = std::find(padded.begin(), padded.end(), kPinPadding);
  return padded.first(static_cast<std::size_t>(end - padded.begin()));
}

/// Every digit is step more than the one before it; 9 and 0 are neighbours.
bool isRun(ByteView digits, unsigned step) {
  for (std::size_t i = 1; i < digits.size(); ++i) {
    const unsigned expected = (static_cast<unsigned>(digits[i - 1] - '0') + step) % 10;
    if (static_cast<unsigned>(digits[i] - '0') != expected) {
      return false;
    }
  }
  return true;
}

bool isDate(std::string_view date) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return date.size() == kForm.size() &&
         std::equal(date.begin(), date.end(), kForm.begin(), [](char c, char form) {
           return form == 'd' ? (c >= '0' && c <= '9') : c == form;
         });
}

/// The digits that people make of a date: year first, day first, month first, Western and 民國.
std::array<std::string, 8> writtenForms(std::string_view date) {
  const std::string year(date.substr(0, 4));
  const std::string month(date.substr(5, 2));
  const std::string day(date.substr(8, 2));
  const std::string shortYear = year.substr(2);
  const int roc = std::stoi(year) - kFirstRocYear;
  const std::string rocYear = roc > 0 ? std::to_string(roc) : std::string();
  const std::string rocPadded = rocYear.size() < 3 ? "0" + rocYear : rocYear;
  return {year + month + day,      shortYear + month + day, day + month + year,
          day + month + shortYear, month + day + year,      month + day + shortYear,
          rocYear + month + day,   rocPadded + month + day};
}

bool isBirthDate(ByteView digits, std::string_view birthDate) {
  if (!isDate(birthDate)) {
    return false;
  }
  const auto forms = writtenForms(birthDate);
  return std::any_of(forms.begin(), forms.end(), [&](const std::string& form) {
    return std::equal(form.begin(), form.end(), digits.begin(), digits.end(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
  });
}

}  // namespace

PinWeakness weaknessOf(const Pin& pin, std::string_view birthDate) {
  const ByteView digits = digitsOf(pin);
  if (isRun(digits, 0)) {
    return PinWeakness::SameDigits;
  }
  if (isRun(digits, 1) || isRun(digits, 9)) {
    return PinWeakness::Run;
  }
  return isBirthDate(digits, birthDate) ? PinWeakness::BirthDate : PinWeakness::None;
}

std::string_view messageCode(PinWeakness weakness) {
  switch (weakness) {
    case PinWeakness::SameDigits:
      return "card.pin-same-digits";
    case PinWeakness::Run:
      return "card.pin-run";
    case PinWeakness::BirthDate:
      return "card.pin-birth-date";
    case PinWeakness::None:
      break;
  }
  return {};
}

}  // namespace fncard::card
