// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "messages/catalogue.h"
#include "messages/messages.h"

namespace fncard::messages {
namespace {

std::set<std::string> parametersOf(std::string_view sentence) {
  std::set<std::string> names;
  for (std::size_t open = sentence.find('{'); open != std::string_view::npos;
       open = sentence.find('{', open + 1)) {
    const std::size_t close = sentence.find('}', open);
    names.emplace(
        sentence.substr(open + 1, close == std::string_view::npos ? close : close - open - 1));
  }
  return names;
}

bool isName(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
}

TEST(Catalogues, HaveEveryEnglishCodeInEveryLanguage) {
  ASSERT_FALSE(codes().empty());
  for (const Language language : languages()) {
    for (const std::string_view code : codes()) {
      EXPECT_TRUE(has(language, code)) << tag(language) << " lacks " << code;
    }
  }
}

TEST(Catalogues, HaveNoCodeThatEnglishLacks) {
  for (const Entry& entry : catalogue()) {
    EXPECT_TRUE(has(Language::English, entry.code)) << entry.code;
  }
}

TEST(Catalogues, HaveTheSameParametersInEveryLanguage) {
  for (const std::string_view code : codes()) {
    const auto english = parametersOf(text(Language::English, code));
    for (const std::string& name : english) {
      EXPECT_TRUE(isName(name)) << code << " has the parameter {" << name << "}";
    }
    for (const Language language : languages()) {
      EXPECT_EQ(parametersOf(text(language, code)), english) << tag(language) << " " << code;
    }
  }
}

TEST(Catalogues, HaveNoEmptySentenceAndNoneWithStraySpace) {
  for (const Entry& entry : catalogue()) {
    for (const char* sentence : entry.texts) {
      const std::string_view view = sentence == nullptr ? std::string_view("-") : sentence;
      EXPECT_FALSE(view.empty()) << entry.code;
      EXPECT_FALSE(view.starts_with(' ') || view.ends_with(' ')) << entry.code;
    }
  }
}

TEST(Catalogues, AreSortedWithoutDoublesForTheLookUp) {
  EXPECT_EQ(std::ranges::adjacent_find(catalogue(), std::ranges::greater_equal{}, &Entry::code),
            catalogue().end());
  EXPECT_FALSE(has(Language::English, ""));
  EXPECT_FALSE(has(Language::English, "zzz.no-such-code"));
}

TEST(Text, PutsParametersInAndLeavesUnknownOnesVisible) {
  const std::string asked = text(Language::English, "net.name-not-found", {{"host", "a.example"}});
  EXPECT_NE(asked.find("a.example"), std::string::npos) << asked;
  EXPECT_EQ(asked.find('{'), std::string::npos) << asked;
  const std::string open = text(Language::English, "net.name-not-found", {{"other", "x"}});
  EXPECT_NE(open.find("{host}"), std::string::npos) << open;
}

TEST(Text, DoesNotReadParametersInsideAValue) {
  const std::string asked =
      text(Language::English, "net.name-not-found", {{"host", "{host}"}, {"x", "y"}});
  EXPECT_NE(asked.find("{host}"), std::string::npos) << asked;
}

TEST(Text, GivesTheCodeWhereNobodyHasASentence) {
  EXPECT_EQ(text(Language::Thai, "nobody.has-this"), "nobody.has-this");
}

}  // namespace
}  // namespace fncard::messages
