// SPDX-License-Identifier: Apache-2.0
// always-authenticate = "dialog": the agent asks the person for the PIN.
#include <fstream>

#include "tests/pkcs11/fake_agent.h"
#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using agent_link::Error;
using agent_link::PinRequest;
using agent_link::Purpose;
using testing::ElementsAre;

class Dialog : public ModuleTest {
 protected:
  void begin() {
    pc.settings.alwaysAuthenticate = pkcs11::AlwaysAuthenticate::Dialog;
    pc.settings.program = "browser";
    start(card::KeyAlgorithm::EcP256);
    session = open();
  }
  void beginLoggedIn() {
    begin();
    ASSERT_EQ(login(session), CKR_OK);
    key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
    cardState->log.clear();
  }
  /// Answers with these, one after the other, and nothing afterwards.
  static FakeAgent::Person says(std::vector<FakeAgent::Answer> answers) {
    return [answers = std::move(answers), next = std::size_t{0}](const PinRequest&) mutable {
      return next < answers.size() ? answers[next++] : FakeAgent::Answer(Error::Refused);
    };
  }
  CK_RV dialogLogin() { return p11->C_Login(session, CKU_USER, nullptr, 0); }
  CK_RV sign() {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    CK_BYTE digest[32] = {1};
    CK_BYTE signature[64];
    CK_ULONG size = sizeof(signature);
    const CK_RV rv = p11->C_SignInit(session, &mechanism, key);
    return rv != CKR_OK ? rv : p11->C_Sign(session, digest, sizeof(digest), signature, &size);
  }
  /// What call() gives when this happens while the person thinks.
  template <typename Call, typename Event>
  static CK_RV interrupted(Call call, Event event) {
    FakeAgent agent(says({FakeAgent::Thinks{}}));
    CK_RV rv = CKR_GENERAL_ERROR;
    std::thread caller([&] { rv = call(); });
    agent.untilAsked(1);
    event();
    caller.join();
    agent.untilGivenUp();
    return rv;
  }

  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
};

TEST_F(Dialog, theTokenTakesThePinItselfAndTheKeyWantsNone) {
  beginLoggedIn();
  EXPECT_NE(tokenFlags() & CKF_PROTECTED_AUTHENTICATION_PATH, 0U);
  EXPECT_EQ(attribute(session, key, CKA_ALWAYS_AUTHENTICATE), Bytes{CK_FALSE});
}

TEST_F(Dialog, aLoginWithoutAPinIsAskedOfThePerson) {
  FakeAgent agent(says({"123456"}));
  begin();
  ASSERT_EQ(dialogLogin(), CKR_OK);
  EXPECT_EQ(state(session), CKS_RO_USER_FUNCTIONS);
  EXPECT_EQ(dialogLogin(), CKR_USER_ALREADY_LOGGED_IN);
  EXPECT_THAT(agent.questions(), ElementsAre(PinRequest{.purpose = Purpose::Login,
                                                        .program = "browser",
                                                        .cardNumber = "AB12345678901234",
                                                        .triesLeft = 3}));
}

TEST_F(Dialog, eachSignatureIsAskedOfThePersonAlsoAfterALoginByTheApplication) {
  FakeAgent agent(says({"123456", "123456"}));
  beginLoggedIn();
  EXPECT_EQ(sign(), CKR_OK);
  EXPECT_EQ(sign(), CKR_OK);
  ASSERT_EQ(agent.questions().size(), 2U);
  EXPECT_EQ(agent.questions().back().purpose, Purpose::Signature);
  EXPECT_EQ(agent.questions().back().holder, "TEST HOLDER");
}

TEST_F(Dialog, withoutALoginNobodyIsAsked) {
  FakeAgent agent(says({}));
  beginLoggedIn();
  ASSERT_EQ(p11->C_Logout(session), CKR_OK);
  EXPECT_EQ(sign(), CKR_KEY_HANDLE_INVALID);
  EXPECT_TRUE(agent.questions().empty());
}

TEST_F(Dialog, whileThePersonThinksTheCardIsFree) {
  std::size_t commands = 0;
  FakeAgent agent([&](const PinRequest&) -> FakeAgent::Answer {
    EXPECT_EQ(cardState->transactions, 0);
    commands = cardState->log.size();
    return "123456";
  });
  beginLoggedIn();
  ASSERT_EQ(sign(), CKR_OK);
  EXPECT_EQ(commands, 1U) << "how many tries are left";
  EXPECT_THAT(cardState->log, ElementsAre("pin status", "pin status", "verify", "sign"));
}

TEST_F(Dialog, aWrongPinIsAskedAgainWithTheTriesThatAreLeft) {
  FakeAgent agent(says({"999999", "123456"}));
  beginLoggedIn();
  EXPECT_EQ(sign(), CKR_OK);
  ASSERT_EQ(agent.questions().size(), 2U);
  EXPECT_FALSE(agent.questions()[0].wrongPinBefore);
  EXPECT_TRUE(agent.questions()[1].wrongPinBefore);
  EXPECT_EQ(agent.questions()[1].triesLeft, 2U);
}

TEST_F(Dialog, noTryIsSpentThatThePersonDidNotMake) {
  FakeAgent agent(says({"999999", Error::Cancelled}));
  begin();
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_CANCELED);
  EXPECT_EQ(cardState->triesLeft, 2U);
  EXPECT_EQ(state(session), CKS_RO_PUBLIC_SESSION);
}

TEST_F(Dialog, theLastTryIsSpentOnlyByWhoKnowsThatItIsTheLast) {
  FakeAgent agent([this](const PinRequest& question) -> FakeAgent::Answer {
    if (question.triesLeft != 1U) {
      cardState->verified = false;  // another program meanwhile
      cardState->triesLeft = 1;
      return "999999";
    }
    return Error::Cancelled;
  });
  beginLoggedIn();
  EXPECT_EQ(sign(), CKR_FUNCTION_CANCELED);
  EXPECT_EQ(agent.questions().size(), 2U);
  EXPECT_EQ(cardState->triesLeft, 1U);
}

TEST_F(Dialog, ofALockedCardNobodyIsAsked) {
  FakeAgent agent(says({}));
  begin();
  cardState->triesLeft = 0;
  EXPECT_EQ(dialogLogin(), CKR_PIN_LOCKED);
  EXPECT_NE(tokenFlags() & CKF_USER_PIN_LOCKED, 0U);
  EXPECT_TRUE(agent.questions().empty());
}

TEST_F(Dialog, whoDoesNotAnswerGivesNoPin) {
  FakeAgent agent(says({Error::TimedOut, Error::Busy, Error::Refused, FakeAgent::Dies{}}));
  begin();
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_CANCELED);
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_FAILED) << "busy";
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_FAILED) << "refused";
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_FAILED) << "gone";
  EXPECT_EQ(cardState->triesLeft, 3U);
}

TEST_F(Dialog, withoutAnAgentTheLogSaysSo) {
  std::string log = testing::TempDir() + "fncard-dialog-XXXXXX";
  const int made = mkstemp(log.data());
  ASSERT_GE(made, 0);
  close(made);
  setenv("FNCARD_AGENT_SOCKET", "/nonexistent/agent.sock", 1);  // NOLINT(concurrency-mt-unsafe)
  setenv("FNCARD_LOG", ("debug:" + log).c_str(), 1);            // NOLINT(concurrency-mt-unsafe)
  begin();
  EXPECT_EQ(dialogLogin(), CKR_FUNCTION_FAILED);
  unsetenv("FNCARD_AGENT_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  unsetenv("FNCARD_LOG");           // NOLINT(concurrency-mt-unsafe)
  std::ifstream stream(log);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_THAT(text, testing::ContainsRegex("C_Login CKR_FUNCTION_FAILED [0-9]+ us: no agent"));
  std::remove(log.c_str());
}

TEST_F(Dialog, finalizeEndsTheWait) {
  beginLoggedIn();
  EXPECT_EQ(interrupted([this] { return sign(); },
                        [this] { EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK); }),
            CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_F(Dialog, aPulledCardEndsTheWait) {
  begin();
  EXPECT_EQ(interrupted([this] { return dialogLogin(); }, [this] { pc.put("Reader", nullptr); }),
            CKR_DEVICE_REMOVED);
}

TEST_F(Dialog, anEndOfTheSessionEndsTheWait) {
  begin();
  EXPECT_EQ(interrupted([this] { return dialogLogin(); },
                        [this] { EXPECT_EQ(p11->C_CloseSession(session), CKR_OK); }),
            CKR_SESSION_CLOSED);
}

TEST_F(Dialog, aLogoutEndsTheWaitForASignature) {
  beginLoggedIn();
  const auto other = open();
  EXPECT_EQ(
      interrupted([this] { return sign(); }, [&] { EXPECT_EQ(p11->C_Logout(other), CKR_OK); }),
      CKR_USER_NOT_LOGGED_IN);
}

TEST_F(Dialog, theEncryptionKeyIsUsedByTheLogin) {
  FakeAgent agent(says({"123456"}));
  begin();
  ASSERT_EQ(dialogLogin(), CKR_OK);
  cardState->verified = false;  // a reset by another program
  Bytes point = attribute(session, findOne(session, CKO_PUBLIC_KEY, kEncryptionId), CKA_EC_POINT);
  CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
  CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof(parameters)};
  CK_OBJECT_HANDLE derived = 0;
  EXPECT_EQ(p11->C_DeriveKey(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kEncryptionId),
                             nullptr, 0, &derived),
            CKR_OK);
  EXPECT_EQ(agent.questions().size(), 1U);
}

TEST_F(Dialog, thePinIsChangedElsewhere) {
  begin();
  session = open(CKF_RW_SESSION);
  EXPECT_EQ(p11->C_SetPIN(session, nullptr, 0, nullptr, 0), CKR_FUNCTION_NOT_SUPPORTED);
}

TEST_F(Dialog, twoThreadsThatLogInAtOnceAskOnce) {
  FakeAgent agent(says({"123456"}));
  begin();
  std::vector<CK_RV> answers(2, CKR_GENERAL_ERROR);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (CK_RV& answer : answers) {
    threads.emplace_back([&] { answer = dialogLogin(); });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(answers, testing::UnorderedElementsAre(CKR_OK, CKR_USER_ALREADY_LOGGED_IN));
  EXPECT_EQ(agent.questions().size(), 1U);
}

}  // namespace
}  // namespace fncard::test
