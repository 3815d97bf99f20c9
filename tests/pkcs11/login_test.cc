// SPDX-License-Identifier: Apache-2.0
// How a login ends, here and on the card, and which PINs count.
#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using testing::ElementsAre;

class Logins : public ModuleTest {};

TEST_F(Logins, theCardForgetsThePinWhenTheLoginEnds) {
  start();
  const auto whenItEnds = [this](auto end) {
    const auto session = open();
    EXPECT_EQ(login(session), CKR_OK);
    cardState->log.clear();
    EXPECT_EQ(end(session), CKR_OK);
    EXPECT_FALSE(cardState->verified);
    EXPECT_THAT(cardState->log, ElementsAre("log out"));
  };
  whenItEnds([this](CK_SESSION_HANDLE session) { return p11->C_Logout(session); });
  EXPECT_EQ(p11->C_CloseAllSessions(0), CKR_OK);
  whenItEnds([this](CK_SESSION_HANDLE session) { return p11->C_CloseSession(session); });
  whenItEnds([this](CK_SESSION_HANDLE) { return p11->C_CloseAllSessions(0); });
  whenItEnds([this](CK_SESSION_HANDLE) { return p11->C_Finalize(nullptr); });
}

TEST_F(Logins, whoGaveNoPinDisturbsNobodysLogin) {
  start();
  cardState->verified = true;  // by another program
  const auto session = open();
  findAll(session);
  EXPECT_EQ(p11->C_Logout(session), CKR_USER_NOT_LOGGED_IN);
  EXPECT_EQ(p11->C_CloseSession(session), CKR_OK);
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  EXPECT_TRUE(cardState->verified);
}

TEST_F(Logins, finalizeWaitsForNobodyToLogOut) {
  start();
  ASSERT_EQ(login(open()), CKR_OK);
  pc.busy = true;
  cardState->log.clear();
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  EXPECT_THAT(cardState->log, ElementsAre());
}

TEST_F(Logins, aCardThatCannotLogOutIsLoggedOutOfHere) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  cardState->nextError = card::ErrorCode::Unsupported;
  EXPECT_EQ(p11->C_Logout(session), CKR_OK);
  EXPECT_EQ(state(session), CKS_RO_PUBLIC_SESSION);
  EXPECT_EQ(login(session), CKR_OK);
}

TEST_F(Logins, anOldPinCostsOneTryAlsoWhenSetPinMeetsItFirst) {
  start();
  const auto session = open(CKF_RW_SESSION);
  ASSERT_EQ(login(session), CKR_OK);
  cardState->pin = "24681357";  // another program
  CK_UTF8CHAR current[] = "123456";
  CK_UTF8CHAR next[] = "97531864";
  EXPECT_EQ(p11->C_SetPIN(session, current, 6, next, 8), CKR_PIN_INCORRECT);
  EXPECT_EQ(state(session), CKS_RW_PUBLIC_SESSION);
  EXPECT_EQ(findOne(session, CKO_PRIVATE_KEY, kEncryptionId), CK_INVALID_HANDLE);
  EXPECT_EQ(cardState->triesLeft, 2U);
}

TEST_F(Logins, aPinThatIsEasilyGuessedIsNotTaken) {
  start();
  const auto session = open(CKF_RW_SESSION);
  CK_UTF8CHAR current[] = "123456";
  CK_INTERFACE_PTR newest = nullptr;
  ASSERT_EQ(C_GetInterface(nullptr, nullptr, &newest, 0), CKR_OK);
  const auto* p11v3 = static_cast<const CK_FUNCTION_LIST_3_2*>(newest->pFunctionList);
  for (std::string weak : {"777777", "23456789"}) {
    auto* next = reinterpret_cast<CK_UTF8CHAR_PTR>(weak.data());
    EXPECT_EQ(p11->C_SetPIN(session, current, 6, next, weak.size()), CKR_PIN_INVALID);
    EXPECT_EQ(p11v3->base.base.C_SetPIN(session, current, 6, next, weak.size()), CKR_PIN_TOO_WEAK);
  }
  EXPECT_EQ(cardState->pin, "123456");
  EXPECT_EQ(cardState->triesLeft, 3U);
}

TEST_F(Logins, aWrongPinOfASignatureTakesBackTheRightOneBeforeIt) {
  start();
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  ASSERT_EQ(p11->C_SignInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kSignatureId)),
            CKR_OK);
  ASSERT_EQ(login(session, "123456", CKU_CONTEXT_SPECIFIC), CKR_OK);
  EXPECT_EQ(login(session, "999999", CKU_CONTEXT_SPECIFIC), CKR_PIN_INCORRECT);
  CK_BYTE text[1] = {};
  CK_BYTE signature[256];
  CK_ULONG size = sizeof(signature);
  EXPECT_EQ(p11->C_Sign(session, text, sizeof(text), signature, &size), CKR_USER_NOT_LOGGED_IN);
}

}  // namespace
}  // namespace fncard::test
