// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "messages/messages.h"

namespace fncard::messages {
namespace {

TEST(ParseLanguage, ReadsTagsAndLocaleNames) {
  EXPECT_EQ(parseLanguage("en"), Language::English);
  EXPECT_EQ(parseLanguage("en_GB.UTF-8"), Language::English);
  EXPECT_EQ(parseLanguage("zh-TW"), Language::TraditionalChinese);
  EXPECT_EQ(parseLanguage("zh_TW.UTF-8"), Language::TraditionalChinese);
  EXPECT_EQ(parseLanguage("zh-Hant"), Language::TraditionalChinese);
  EXPECT_EQ(parseLanguage("ID"), Language::Indonesian);
  EXPECT_EQ(parseLanguage("in"), Language::Indonesian);
  EXPECT_EQ(parseLanguage("vi_VN"), Language::Vietnamese);
  EXPECT_EQ(parseLanguage("th-TH"), Language::Thai);
}

TEST(ParseLanguage, HasNothingForALanguageThatIsNotShipped) {
  for (const char* tag : {"", "C", "POSIX", "fr", "ind", "e", "-", "english"}) {
    EXPECT_EQ(parseLanguage(tag), std::nullopt) << tag;
  }
}

TEST(ParseLanguage, ReadsWhatTagWrites) {
  for (const Language language : languages()) {
    EXPECT_EQ(parseLanguage(tag(language)), language);
  }
}

TEST(AcceptLanguage, TakesTheHeaviestShippedOne) {
  EXPECT_EQ(fromAcceptLanguage("fr, th;q=0.5, vi;q=0.7"), Language::Vietnamese);
  EXPECT_EQ(fromAcceptLanguage("id"), Language::Indonesian);
  EXPECT_EQ(fromAcceptLanguage("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7"),
            Language::TraditionalChinese);
  EXPECT_EQ(fromAcceptLanguage("en;q=0.001, th;q=0.01"), Language::Thai);
  EXPECT_EQ(fromAcceptLanguage("vi, th"), Language::Vietnamese) << "the first of equals";
}

TEST(AcceptLanguage, IsEnglishWithoutAUsableOne) {
  for (const char* field : {"", "fr", "th;q=0", "th;q=2", "th;q=", "th;x=1", ",,;;,", "*"}) {
    EXPECT_EQ(fromAcceptLanguage(field), Language::English) << field;
  }
}

class OfEnvironment : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"FNCARD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
      unsetenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    }
  }
  static void set(const char* name, const char* value) {
    setenv(name, value, 1);  // NOLINT(concurrency-mt-unsafe): one thread
  }
};

TEST_F(OfEnvironment, IsEnglishWhenNothingIsSet) {
  EXPECT_EQ(ofEnvironment(), Language::English);
}

TEST_F(OfEnvironment, LetsOurOwnVariableWin) {
  set("LANG", "vi_VN.UTF-8");
  EXPECT_EQ(ofEnvironment(), Language::Vietnamese);
  set("LC_ALL", "th_TH.UTF-8");
  EXPECT_EQ(ofEnvironment(), Language::Thai);
  set("FNCARD_LANGUAGE", "zh-TW");
  EXPECT_EQ(ofEnvironment(), Language::TraditionalChinese);
}

TEST_F(OfEnvironment, TakesTheFirstThatIsSetEvenWhenItIsNotShipped) {
  set("LANG", "vi_VN.UTF-8");
  set("LC_ALL", "C.UTF-8");
  EXPECT_EQ(ofEnvironment(), Language::English);
}

}  // namespace
}  // namespace fncard::messages
