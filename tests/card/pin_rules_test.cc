// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "card/pin.h"
#include "messages/messages.h"

namespace fncard::card {
namespace {

PinWeakness weakness(std::string digits, std::string_view birthDate = {}) {
  return weaknessOf(*Pin::take(digits), birthDate);
}

TEST(PinRules, OneDigitRepeatedIsWeak) {
  EXPECT_EQ(weakness("000000"), PinWeakness::SameDigits);
  EXPECT_EQ(weakness("77777777"), PinWeakness::SameDigits);
  EXPECT_EQ(weakness("777778"), PinWeakness::None);
}

TEST(PinRules, RunsUpAndDownAreWeakAlsoOverTheZero) {
  for (const auto* run :
       {"123456", "12345678", "987654", "890123", "012345", "210987", "3210987"}) {
    EXPECT_EQ(weakness(run), PinWeakness::Run) << run;
  }
  EXPECT_EQ(weakness("123457"), PinWeakness::None);
  EXPECT_EQ(weakness("135791"), PinWeakness::None);
}

TEST(PinRules, TheBirthDateIsWeakInEveryFormPeopleWriteIt) {
  for (const auto* form :
       {"19901231", "901231", "31121990", "311290", "12311990", "123190", "791231", "0791231"}) {
    EXPECT_EQ(weakness(form, "1990-12-31"), PinWeakness::BirthDate) << form;
    EXPECT_EQ(weakness(form), PinWeakness::None) << form;
  }
  EXPECT_EQ(weakness("1030507", "2014-05-07"), PinWeakness::BirthDate);
  EXPECT_EQ(weakness("801231", "1990-12-31"), PinWeakness::None);
}

TEST(PinRules, ABirthDateOfAnotherFormIsNotUsed) {
  for (const auto* date : {"1990", "1990/12/31", "199x-12-31", "1990-12-311", "日期"}) {
    EXPECT_EQ(weakness("901231", date), PinWeakness::None) << date;
  }
}

TEST(Messages, EveryErrorAndEveryWeaknessHasASentenceInEveryLanguage) {
  std::vector<std::string_view> codes;
  for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
    codes.push_back(messageCode(static_cast<ErrorCode>(code)));
  }
  for (const auto weak : {PinWeakness::SameDigits, PinWeakness::Run, PinWeakness::BirthDate}) {
    codes.push_back(messageCode(weak));
  }
  for (const auto language : messages::languages()) {
    for (const auto code : codes) {
      EXPECT_TRUE(messages::has(language, code)) << messages::tag(language) << ' ' << code;
    }
  }
}

}  // namespace
}  // namespace fncard::card
