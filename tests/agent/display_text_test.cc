// SPDX-License-Identifier: Apache-2.0
#include "agent/core/display_text.h"

#include <gtest/gtest.h>

#include <QList>

namespace fncard::agent {
namespace {

std::string shown(std::string_view text, qsizetype maxCharacters = 20) {
  return displayText(text, maxCharacters).toStdString();
}

TEST(DisplayText, LeavesNamesOfPeopleAsTheyAre) {
  for (const char* name :
       {"Firefox", "王小明", "NGUYỄN THỊ HỒNG", "สมชาย ใจดี", "Ng\xE1\xBA\xB7ng"}) {
    EXPECT_EQ(shown(name), name);
  }
}

TEST(DisplayText, IsOneLine) {
  EXPECT_EQ(shown(" a\n\n\tb\u2028c\x7F "), "a b c");
  EXPECT_EQ(shown("\r\n"), "");
}

TEST(DisplayText, HasNothingInvisibleAndNothingThatTurnsTheWriting) {
  EXPECT_EQ(shown("por\u200Btal\u202Egnp.exe\u2066\uFEFF\u00AD"), "portalgnp.exe");
  EXPECT_EQ(shown("a\uE000b"), "ab") << "private use";
}

TEST(DisplayText, DoesNotPileMarksOverOtherLines) {
  std::string pile = "a";
  for (int i = 0; i < 50; ++i) {
    pile += "\u0301";
  }
  EXPECT_EQ(shown(pile, 100), "a\u0301\u0301\u0301");
}

TEST(DisplayText, ShowsStartAndEndOfWhatIsTooLong) {
  EXPECT_EQ(shown("/usr/lib/firefox-esr/firefox-esr", 11), "/usr/…x-esr");
  EXPECT_EQ(shown("12345678901", 11), "12345678901");
  EXPECT_EQ(displayText("\U0001F600\U0001F600\U0001F600\U0001F600", 3).toUcs4().size(), 3);
}

TEST(DisplayText, ShowsThatBytesWereNoText) {
  EXPECT_EQ(shown("a\xFF"), "a\uFFFD");
}

}  // namespace
}  // namespace fncard::agent
