// SPDX-License-Identifier: Apache-2.0
#include "server/pages/view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "server/pages/files.h"

namespace fncard::server::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

nlohmann::json errorValues(const std::string& sentence) {
  return {{"title", "T"},
          {"language", "en"},
          {"languages", nlohmann::json::array()},
          {"here", "/"},
          {"signedIn", false},
          {"formToken", "t"},
          {"script", false},
          {"problems", nlohmann::json::array()},
          {"wrong", false},
          {"sentence", sentence},
          {"code", "x.y"}};
}

TEST(View, EscapesWhatItPutsInSoThatNoMarkupGetsThrough) {
  const std::string page =
      render(messages::Language::English, "error",
             errorValues("<script>alert('1')</script> & \"x\" {{title}} {{{title}}}"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt; &amp; "
                              "&quot;x&quot; {{title}} {{{title}}}"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
}

TEST(View, PutsNothingInWithoutEscapingAnywhere) {
  for (const File& file : files()) {
    if (file.name.ends_with(".html")) {
      EXPECT_EQ(file.content.find("{{{"), std::string_view::npos) << file.name;
      EXPECT_EQ(file.content.find("{{&"), std::string_view::npos) << file.name;
    }
  }
}

TEST(View, RefusesATemplateWithoutAValueAndOneThatIsNotThere) {
  auto values = errorValues("s");
  values.erase("sentence");
  EXPECT_THROW(render(messages::Language::English, "error", values), std::logic_error);
  EXPECT_THROW(render(messages::Language::English, "no-such-page", values), std::logic_error);
}

TEST(View, HasASentenceForEveryCodeOfEveryTemplate) {
  std::set<std::string> codes;
  for (const File& file : files()) {
    constexpr std::string_view kStart = "{{text.";
    for (std::size_t at = file.content.find(kStart); at != std::string_view::npos;
         at = file.content.find(kStart, at + 1)) {
      const std::size_t begin = at + kStart.size();
      codes.emplace(file.content.substr(begin, file.content.find("}}", begin) - begin));
    }
  }
  EXPECT_GT(codes.size(), 50U);
  for (const std::string& code : codes) {
    for (const messages::Language language : messages::languages()) {
      EXPECT_TRUE(messages::has(language, code)) << messages::tag(language) << " " << code;
    }
  }
}

TEST(View, SpeaksTheLanguageAndSaysSo) {
  auto values = errorValues("s");
  values["language"] = "zh-TW";
  const std::string page = render(messages::Language::TraditionalChinese, "error", values);
  EXPECT_THAT(page, HasSubstr("<html lang=\"zh-TW\">"));
  EXPECT_THAT(page, HasSubstr("跳到主要內容"));
}

TEST(View, HasNoInlineScriptOrStyleWhichThePolicyWouldBlock) {
  for (const File& file : files()) {
    if (!file.name.ends_with(".html")) {
      continue;
    }
    for (const char* inlined :
         {"style=", " onclick", " onload", " onsubmit", "<style", "javascript:"}) {
      EXPECT_EQ(file.content.find(inlined), std::string_view::npos) << file.name << " " << inlined;
    }
  }
}

}  // namespace
}  // namespace fncard::server::pages
