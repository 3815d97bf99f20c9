// SPDX-License-Identifier: Apache-2.0
#include "net/base64.h"

#include <gtest/gtest.h>

namespace fncard::net {
namespace {

std::vector<std::uint8_t> bytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Base64, WritesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(encodeBase64(bytesOf(plain)), encoded);
    EXPECT_EQ(decodeBase64(encoded), bytesOf(plain));
  }
}

TEST(Base64, ReadsBackEveryByteValue) {
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(i));
    EXPECT_EQ(decodeBase64(encodeBase64(bytes)), bytes);
  }
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zm9v=", "====", "Z===", "Zh==", "Zm9=",
                           "Zm 9", "Zm9v\n", "-_==", "Zg==Zg==", "=Zg="}) {
    EXPECT_EQ(decodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fncard::net
