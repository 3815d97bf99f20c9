// SPDX-License-Identifier: Apache-2.0
// CKF_PROTECTED_AUTHENTICATION_PATH by the PIN pad of a reader: the module on the card library,
// with a scripted PC/SC library below and the small card in memory.
#include <reader.h>

#include <algorithm>

#include "tests/card/support/script.h"
#include "tests/pkcs11/scripted_module_test.h"

namespace fncard::test {
namespace {

using card::testing::hex;
using pkcs11::AlwaysAuthenticate;
using testing::ElementsAre;

constexpr DWORD kVerifyPinDirect = 0x42330006;
constexpr DWORD kModify = 0x42330007;

constexpr std::uint8_t kInsVerify = 0x20;
constexpr std::uint8_t kSignInstruction = 0x87;

/// A reader with a pad and a person who types at it.
class PinPad : public ScriptedModuleTest {
 protected:
  void SetUp() override {
    ScriptedModuleTest::SetUp();
    pc.setControl(
        [this](DWORD code, ByteView input, Bytes& answer) { return control(code, input, answer); });
  }

  [[nodiscard]] bool aPinCameFromThePc() const {
    return std::ranges::any_of(
        commands, [](const Bytes& each) { return each[1] == kInsVerify && each.size() > 4; });
  }

  LONG control(DWORD code, ByteView input, Bytes& answer) {
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
      answer = features;
      return SCARD_S_SUCCESS;
    }
    asked.push_back(code);
    const std::size_t pins = code == kModify ? 2 : 1;
    if (!padStatus.empty()) {
      answer = std::exchange(padStatus, {});
      return SCARD_S_SUCCESS;
    }
    Bytes command(input.end() - static_cast<std::ptrdiff_t>(5 + 8 * pins), input.end());
    for (std::size_t i = 0; i < pins; ++i) {
      const Bytes pin = card::testing::padded(i == 0 ? typed : typedNext);
      std::ranges::copy(pin, command.begin() + 5 + static_cast<std::ptrdiff_t>(8 * i));
    }
    answer = cardState->process(command).encode();
    return SCARD_S_SUCCESS;
  }

  void start(AlwaysAuthenticate mode = AlwaysAuthenticate::Context) {
    settings.alwaysAuthenticate = mode;
    ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
    session = open(CKF_RW_SESSION);
  }
  CK_RV padLogin(CK_USER_TYPE user = CKU_USER) { return p11->C_Login(session, user, nullptr, 0); }
  CK_RV derive() {
    Bytes point = attribute(session, findOne(session, CKO_PUBLIC_KEY, kEncryptionId), CKA_EC_POINT);
    CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
    CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof(parameters)};
    CK_OBJECT_HANDLE derived = 0;
    return p11->C_DeriveKey(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kEncryptionId),
                            nullptr, 0, &derived);
  }

  Bytes features = hex("06 04 42330006  07 04 42330007");
  std::string typed = "123456";
  std::string typedNext = "27182818";
  Bytes padStatus;  ///< what the reader says next instead of asking the card
  std::vector<DWORD> asked;
};

TEST_F(PinPad, theFlagSaysThatThePinIsTypedElsewhere) {
  start();
  EXPECT_NE(tokenFlags() & CKF_PROTECTED_AUTHENTICATION_PATH, 0U);
  EXPECT_NE(tokenFlags() & CKF_LOGIN_REQUIRED, 0U);
}

TEST_F(PinPad, withoutAPadAPinIsWanted) {
  features.clear();
  start();
  EXPECT_EQ(tokenFlags() & CKF_PROTECTED_AUTHENTICATION_PATH, 0U);
  EXPECT_EQ(padLogin(), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(p11->C_SetPIN(session, nullptr, 0, nullptr, 0), CKR_ARGUMENTS_BAD);
  EXPECT_THAT(asked, ElementsAre());
}

TEST_F(PinPad, aLoginWithoutAPinIsTypedThere) {
  start();
  ASSERT_EQ(padLogin(), CKR_OK);
  EXPECT_EQ(state(session), CKS_RW_USER_FUNCTIONS);
  EXPECT_EQ(padLogin(), CKR_USER_ALREADY_LOGGED_IN);
  EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
  EXPECT_FALSE(aPinCameFromThePc());
}

TEST_F(PinPad, aPinOfTheApplicationIsTakenAsWithoutAPad) {
  start();
  ASSERT_EQ(login(session), CKR_OK);
  ASSERT_EQ(beginSignature(), CKR_OK);
  ASSERT_EQ(login(session, "123456", CKU_CONTEXT_SPECIFIC), CKR_OK);
  EXPECT_EQ(finishSignature(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre());
}

TEST_F(PinPad, whatTheReaderSaysIsACodeAndNoLogin) {
  start();
  for (const auto& [status, expected] :
       {std::pair("6400", CKR_FUNCTION_CANCELED), std::pair("6401", CKR_FUNCTION_CANCELED),
        std::pair("6403", CKR_PIN_LEN_RANGE), std::pair("6B80", CKR_FUNCTION_FAILED)}) {
    padStatus = hex(status);
    EXPECT_EQ(padLogin(), expected) << status;
    EXPECT_EQ(state(session), CKS_RW_PUBLIC_SESSION) << status;
  }
  padStatus = hex("6402");
  EXPECT_EQ(p11->C_SetPIN(session, nullptr, 0, nullptr, 0), CKR_PIN_INVALID);
  EXPECT_EQ(cardState->pinTries, 3U);
}

TEST_F(PinPad, aWrongPinThereCountsAsAnyOther) {
  start();
  typed = "999999";
  EXPECT_EQ(padLogin(), CKR_PIN_INCORRECT);
  EXPECT_EQ(padLogin(), CKR_PIN_INCORRECT);
  EXPECT_NE(tokenFlags() & CKF_USER_PIN_FINAL_TRY, 0U);
  EXPECT_EQ(padLogin(), CKR_PIN_LOCKED);
  EXPECT_NE(tokenFlags() & CKF_USER_PIN_LOCKED, 0U);
  EXPECT_EQ(asked.size(), 3U);
}

TEST_F(PinPad, aContextLoginIsOneEntryForOneSignature) {
  start();
  ASSERT_EQ(padLogin(), CKR_OK);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(beginSignature(), CKR_OK);
    asked.clear();
    ASSERT_EQ(padLogin(CKU_CONTEXT_SPECIFIC), CKR_OK);
    cardState->instructions.clear();
    EXPECT_EQ(finishSignature(), CKR_OK);
    EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
    EXPECT_EQ(cardState->instructions.front(), kSignInstruction) << "nothing came in between";
  }
  ASSERT_EQ(beginSignature(), CKR_OK);
  EXPECT_EQ(finishSignature(), CKR_USER_NOT_LOGGED_IN);
}

TEST_F(PinPad, aWrongPinOfTheSignatureIsToldAtOnceAndMayBeTypedAgain) {
  start();
  ASSERT_EQ(padLogin(), CKR_OK);
  ASSERT_EQ(beginSignature(), CKR_OK);
  typed = "999999";
  EXPECT_EQ(padLogin(CKU_CONTEXT_SPECIFIC), CKR_PIN_INCORRECT);
  typed = "123456";
  EXPECT_EQ(padLogin(CKU_CONTEXT_SPECIFIC), CKR_OK);
  EXPECT_EQ(finishSignature(), CKR_OK);
}

TEST_F(PinPad, aSignatureWhoseEntryAnotherProgramSpoiltIsTypedAgain) {
  start();
  ASSERT_EQ(padLogin(), CKR_OK);
  ASSERT_EQ(beginSignature(), CKR_OK);
  ASSERT_EQ(padLogin(CKU_CONTEXT_SPECIFIC), CKR_OK);
  cardState->losePower();
  pc.resetCard(reader);
  asked.clear();
  EXPECT_EQ(finishSignature(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
}

/// No program knows the PIN, so there is none to use again.
TEST_F(PinPad, inSessionModeThePadAsksForEachSignature) {
  start(AlwaysAuthenticate::Session);
  ASSERT_EQ(padLogin(), CKR_OK);
  for (int i = 0; i < 2; ++i) {
    asked.clear();
    ASSERT_EQ(beginSignature(), CKR_OK);
    EXPECT_EQ(finishSignature(), CKR_OK);
    EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
  }
  ASSERT_EQ(beginSignature(), CKR_OK);
  padStatus = hex("6401");
  EXPECT_EQ(finishSignature(), CKR_FUNCTION_CANCELED);
  EXPECT_EQ(finishSignature(), CKR_OPERATION_NOT_INITIALIZED);
  EXPECT_FALSE(aPinCameFromThePc());
}

TEST_F(PinPad, inSessionModeAPinOfTheApplicationIsUsedAgain) {
  start(AlwaysAuthenticate::Session);
  ASSERT_EQ(login(session), CKR_OK);
  ASSERT_EQ(beginSignature(), CKR_OK);
  EXPECT_EQ(finishSignature(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre());
}

TEST_F(PinPad, theEncryptionKeyAsksOnlyWhenTheCardHasForgottenTheLogin) {
  start();
  ASSERT_EQ(padLogin(), CKR_OK);
  asked.clear();
  EXPECT_EQ(derive(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre());
  cardState->losePower();
  pc.resetCard(reader);
  EXPECT_EQ(derive(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
}

TEST_F(PinPad, thePinIsChangedThere) {
  start();
  ASSERT_EQ(p11->C_SetPIN(session, nullptr, 0, nullptr, 0), CKR_OK);
  EXPECT_THAT(asked, ElementsAre(kModify));
  EXPECT_EQ(cardState->pin, card::testing::padded("27182818"));
  EXPECT_EQ(p11->C_SetPIN(open(), nullptr, 0, nullptr, 0), CKR_SESSION_READ_ONLY);
  CK_BYTE pin[] = "123456";
  EXPECT_EQ(p11->C_SetPIN(session, nullptr, 0, pin, 6), CKR_ARGUMENTS_BAD) << "one of the two";
}

TEST_F(PinPad, afterAChangeThereThePinOfTheLoginIsNotPlayedAgain) {
  start(AlwaysAuthenticate::Session);
  ASSERT_EQ(login(session), CKR_OK);
  ASSERT_EQ(p11->C_SetPIN(session, nullptr, 0, nullptr, 0), CKR_OK);
  typed = typedNext;
  asked.clear();
  ASSERT_EQ(beginSignature(), CKR_OK);
  EXPECT_EQ(finishSignature(), CKR_OK);
  EXPECT_THAT(asked, ElementsAre(kVerifyPinDirect));
  EXPECT_EQ(cardState->pinTries, 3U);
}

TEST_F(PinPad, aReaderUnpluggedDuringEntryIsARemoval) {
  start();
  pc.before("SCardControl", [this] { pc.removeReader(reader); });
  EXPECT_EQ(padLogin(), CKR_DEVICE_REMOVED);
  CK_SESSION_INFO info;
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_DEVICE_REMOVED);
  EXPECT_EQ(p11->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
}

}  // namespace
}  // namespace fncard::test
