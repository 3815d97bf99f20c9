// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "messages/messages.h"
#include "trust/certificate.h"

namespace fncard::trust {
namespace {

TEST(MessageCode, EveryErrorHasASentenceOfItsOwn) {
  std::set<std::string_view> codes;
  for (int code = 0; code <= static_cast<int>(ErrorCode::ContentMissing); ++code) {
    const auto message = messageCode(static_cast<ErrorCode>(code));
    EXPECT_TRUE(messages::has(messages::Language::English, message)) << message;
    EXPECT_TRUE(codes.insert(message).second) << message;
  }
}

}  // namespace
}  // namespace fncard::trust
