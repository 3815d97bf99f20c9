// SPDX-License-Identifier: Apache-2.0
// What the card is asked, counted where the card answers.
#include <gtest/gtest.h>

#include "tests/interop/loaded_module.h"

namespace fncard::test {
namespace {

struct Limits {
  std::size_t list;
  std::size_t sign;
};

void countApdus(Limits limits) {
  const LoadedModule module;
  const auto since = [last = apduCount()]() mutable {
    const std::size_t before = last;
    last = apduCount();
    return last - before;
  };
  auto spent = since;
  module.initialize();
  CK_ULONG slots = 0;
  EXPECT_EQ(module->C_GetSlotList(CK_TRUE, nullptr, &slots), CKR_OK);
  EXPECT_EQ(slots, 1U);
  EXPECT_EQ(spent(), 0U) << "initialise and list the slots";
  const auto session = module.open();
  EXPECT_EQ(module.findAll(session).size(), 7U);
  EXPECT_LE(spent(), limits.list) << "load and list";
  CK_TOKEN_INFO token;
  CK_SLOT_INFO slot;
  CK_SESSION_INFO info;
  EXPECT_EQ(module->C_GetTokenInfo(0, &token), CKR_OK);
  EXPECT_EQ(module->C_GetSlotInfo(0, &slot), CKR_OK);
  EXPECT_EQ(module->C_GetSessionInfo(session, &info), CKR_OK);
  EXPECT_EQ(module.findAll(session).size(), 7U);
  EXPECT_EQ(spent(), 0U) << "what memory knows";
  ASSERT_EQ(module.login(session), CKR_OK);
  EXPECT_EQ(spent(), 1U) << "login";
  const auto key = module.privateKey(session, 2);
  EXPECT_EQ(spent(), 0U);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(module.sign(session, key), CKR_OK);
    EXPECT_EQ(spent(), limits.sign) << "signature " << i;
  }
  module.finalize();
  EXPECT_EQ(spent(), 1U) << "finalise: the card forgets the PIN";
}

TEST(ApduCount, shortRsa) {
  countApdus({.list = 16, .sign = 4});
}
TEST(ApduCount, shortEc) {
  countApdus({.list = 16, .sign = 2});
}
TEST(ApduCount, extended) {
  countApdus({.list = 4, .sign = 2});
}

}  // namespace
}  // namespace fncard::test
