// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/origin.h"

#include <gtest/gtest.h>

namespace fncard::agent::operations {
namespace {

TEST(AnOrigin, IsTakenAsTheBrowserWritesIt) {
  for (const char* text :
       {"https://portal.tw", "https://portal.tw:8443", "https://xn--55qx5d.tw", "https://127.0.0.1",
        "https://[2001:db8::1]:8443", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:1",
        "https://localhost", "https://a_b.example"}) {
    const auto origin = Origin::parse(text);
    ASSERT_TRUE(origin) << text;
    EXPECT_EQ(origin->text(), text);
  }
}

TEST(AnOrigin, IsNothingElse) {
  for (const std::string& text : {std::string("null"),
                                  std::string(),
                                  std::string("https://"),
                                  std::string("https://portal.tw/"),
                                  std::string("https://portal.tw."),
                                  std::string("https://portal.tw:443"),
                                  std::string("http://localhost:80"),
                                  std::string("http://portal.tw"),
                                  std::string("http://localhost.evil.com"),
                                  std::string("http://127.0.0.1.evil.com"),
                                  std::string("https://user@portal.tw"),
                                  std::string("https://portal.tw@evil.com"),
                                  std::string("https://Portal.tw"),
                                  std::string("HTTPS://portal.tw"),
                                  std::string("https://内政部.tw"),
                                  std::string("https://portal.tw:"),
                                  std::string("https://portal.tw:0"),
                                  std::string("https://portal.tw:08443"),
                                  std::string("https://portal.tw:65536"),
                                  std::string("https://portal.tw:+1"),
                                  std::string("https://portal.tw:1:2"),
                                  std::string("https://portal..tw"),
                                  std::string("https://.tw"),
                                  std::string("https://-a.tw"),
                                  std::string("https://a b.tw"),
                                  std::string("https://portal.tw?x"),
                                  std::string("https://portal.tw#x"),
                                  std::string("https://portal.tw\\evil"),
                                  std::string("https://[::1"),
                                  std::string("https://[]"),
                                  std::string("https://[::1]x"),
                                  std::string("https://a]:1"),
                                  std::string("https://por\0tal.tw", 18),
                                  std::string("file://portal.tw"),
                                  std::string("chrome-extension://abc"),
                                  std::string("https://portal.tw\n"),
                                  "https://" + std::string(64, 'a') + ".tw",
                                  "https://" + std::string(300, 'a')}) {
    EXPECT_FALSE(Origin::parse(text)) << text;
  }
}

}  // namespace
}  // namespace fncard::agent::operations
