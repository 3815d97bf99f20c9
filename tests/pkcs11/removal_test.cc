// SPDX-License-Identifier: Apache-2.0
// A card that is pulled, and what it takes with it.
#include <thread>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class PulledCards : public ModuleTest {};

TEST_F(PulledCards, aPulledCardEndsItsSessionsAndLogin) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  pc.put("Reader", nullptr);
  CK_SESSION_INFO info;
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_DEVICE_REMOVED);
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
  pc.put("Reader", cardState);
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
  EXPECT_EQ(state(open()), CKS_RO_PUBLIC_SESSION);
}

/// Nobody need touch a session for that: its PIN, its connection and its place go with the card.
TEST_F(PulledCards, aPulledCardLeavesNothingAlsoWhenItsSessionsAreForgotten) {
  start();
  for (int i = 0; i < 3; ++i) {
    const auto session = open();
    ASSERT_EQ(login(session), CKR_OK);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    ASSERT_EQ(p11->C_SignInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kSignatureId)),
              CKR_OK);
    ASSERT_EQ(login(session, "123456", CKU_CONTEXT_SPECIFIC), CKR_OK);
    EXPECT_EQ(cardState->connections, 1);
    pc.put("Reader", nullptr);
    CK_ULONG count = 0;
    EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(cardState->connections, 0);
    pc.put("Reader", cardState);
  }
  CK_TOKEN_INFO info;
  ASSERT_EQ(p11->C_GetTokenInfo(0, &info), CKR_OK);
  EXPECT_EQ(info.ulSessionCount, 0U);
  for (std::size_t i = 0; i < pkcs11::Provider::kMaxSessions; ++i) {
    open();
  }
}

TEST_F(PulledCards, aCallThatGoesOnWhileTheCardIsPulledClosesTheConnectionItself) {
  start();
  const auto session = open();
  cardState->during["verify"] = [this] {
    pc.put("Reader", nullptr);
    std::thread([this] {
      CK_ULONG count = 0;
      EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    }).join();
    EXPECT_EQ(cardState->connections, 1);
  };
  EXPECT_EQ(login(session), CKR_DEVICE_REMOVED);
  EXPECT_EQ(cardState->connections, 0);
  EXPECT_EQ(login(session), CKR_DEVICE_REMOVED);
}

TEST_F(PulledCards, eachSessionOfAPulledCardIsClosedOrTold) {
  start();
  const auto first = open();
  const auto second = open();
  pc.put("Reader", nullptr);
  CK_SESSION_INFO info;
  EXPECT_EQ(p11->C_CloseSession(first), CKR_OK);
  EXPECT_EQ(p11->C_CloseSession(first), CKR_SESSION_HANDLE_INVALID);
  EXPECT_EQ(p11->C_GetSessionInfo(second, &info), CKR_DEVICE_REMOVED);
  pc.put("Reader", cardState);
  const auto third = open();
  pc.put("Reader", nullptr);
  EXPECT_EQ(p11->C_CloseAllSessions(0), CKR_OK);
  EXPECT_EQ(p11->C_GetSessionInfo(third, &info), CKR_SESSION_HANDLE_INVALID);
}

TEST_F(PulledCards, aCardThatWasOutBetweenTwoCallsIsAnotherOne) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  pc.put("Reader", nullptr);
  pc.put("Reader", cardState);
  EXPECT_EQ(login(session), CKR_DEVICE_REMOVED);
  EXPECT_EQ(login(session), CKR_SESSION_HANDLE_INVALID);
  EXPECT_EQ(login(open()), CKR_OK);
}

TEST_F(PulledCards, aListDuringWhichTheCardGoesIsNone) {
  start();
  const auto session = open();
  cardState->nextError = card::ErrorCode::CardRemoved;
  EXPECT_EQ(p11->C_FindObjectsInit(session, nullptr, 0), CKR_DEVICE_REMOVED);
}

}  // namespace
}  // namespace fncard::test
