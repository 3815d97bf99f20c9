// SPDX-License-Identifier: Apache-2.0
// Tokens, sessions and login.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Sessions : public ModuleTest {
 protected:
  CK_RV setPin(CK_SESSION_HANDLE session, std::string current, std::string next) {
    return p11->C_SetPIN(session, reinterpret_cast<CK_BYTE_PTR>(current.data()), current.size(),
                         reinterpret_cast<CK_BYTE_PTR>(next.data()), next.size());
  }
};

template <std::size_t kSize>
std::string_view text(const CK_UTF8CHAR (&field)[kSize]) {
  return {reinterpret_cast<const char*>(field), kSize};
}

TEST_F(Sessions, aTokenIsToldByItsCardNumber) {
  start();
  CK_TOKEN_INFO info;
  ASSERT_EQ(p11->C_GetTokenInfo(0, &info), CKR_OK);
  EXPECT_EQ(text(info.label), "fncard AB12345678901234         ");
  EXPECT_EQ(text(info.manufacturerID), "fncard                          ");
  EXPECT_EQ(text(info.model), "PIV             ");
  EXPECT_EQ(text(info.serialNumber), "AB12345678901234");
  EXPECT_EQ(info.ulMinPinLen, 6U);
  EXPECT_EQ(info.ulMaxPinLen, 8U);
  EXPECT_EQ(info.flags,
            CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED);
}

TEST_F(Sessions, aCardOfAnotherIssuerIsToldByItsGuid) {
  cardState = makeFakeCard(card::KeyAlgorithm::EcP256, "");
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  CK_TOKEN_INFO info;
  ASSERT_EQ(p11->C_GetTokenInfo(0, &info), CKR_OK);
  EXPECT_EQ(text(info.serialNumber), "99AABBCCDDEEFF00");
}

TEST_F(Sessions, questionsAreAnsweredFromMemory) {
  start();
  const auto session = open();
  const auto before = cardState->log;
  EXPECT_THAT(before, ElementsAre("open"));
  CK_SLOT_INFO slot;
  CK_ULONG count = 0;
  EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
  EXPECT_EQ(p11->C_GetSlotInfo(0, &slot), CKR_OK);
  tokenFlags();
  state(session);
  EXPECT_EQ(cardState->log, before);
  findAll(session);
  findAll(session);
  EXPECT_THAT(cardState->log, ElementsAre("open", "certificate", "certificate"));
}

TEST_F(Sessions, aForeignCardIsAskedOnce) {
  cardState = makeFakeCard(card::KeyAlgorithm::EcP256);
  cardState->foreign = true;
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  CK_TOKEN_INFO info;
  EXPECT_EQ(p11->C_GetTokenInfo(0, &info), CKR_TOKEN_NOT_RECOGNIZED);
  EXPECT_EQ(p11->C_GetTokenInfo(0, &info), CKR_TOKEN_NOT_RECOGNIZED);
  EXPECT_THAT(cardState->log, ElementsAre("open"));
  pc.put("Reader", makeFakeCard(card::KeyAlgorithm::EcP256));
  EXPECT_EQ(p11->C_GetTokenInfo(0, &info), CKR_OK);
}

TEST_F(Sessions, anEmptyReaderHasNoToken) {
  start();
  pc.put("Reader", nullptr);
  CK_TOKEN_INFO info;
  CK_SESSION_HANDLE session = 0;
  CK_ULONG count = 9;
  EXPECT_EQ(p11->C_GetTokenInfo(0, &info), CKR_TOKEN_NOT_PRESENT);
  EXPECT_EQ(p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session),
            CKR_TOKEN_NOT_PRESENT);
  EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(p11->C_GetSlotList(CK_FALSE, nullptr, &count), CKR_OK);
  EXPECT_EQ(count, 1U);
}

TEST_F(Sessions, loginIsOneVerifyAndHoldsForAllSessions) {
  start();
  const auto first = open();
  const auto second = open(CKF_RW_SESSION);
  EXPECT_EQ(state(first), CKS_RO_PUBLIC_SESSION);
  EXPECT_EQ(state(second), CKS_RW_PUBLIC_SESSION);
  ASSERT_EQ(login(first), CKR_OK);
  EXPECT_THAT(cardState->log, ElementsAre("open", "verify"));
  EXPECT_EQ(state(first), CKS_RO_USER_FUNCTIONS);
  EXPECT_EQ(state(second), CKS_RW_USER_FUNCTIONS);
  EXPECT_EQ(login(second), CKR_USER_ALREADY_LOGGED_IN);
  EXPECT_EQ(p11->C_Logout(second), CKR_OK);
  EXPECT_EQ(p11->C_Logout(second), CKR_USER_NOT_LOGGED_IN);
  EXPECT_EQ(state(first), CKS_RO_PUBLIC_SESSION);
}

TEST_F(Sessions, theLastSessionEndsTheLogin) {
  start();
  const auto first = open();
  ASSERT_EQ(login(first), CKR_OK);
  ASSERT_EQ(p11->C_CloseSession(first), CKR_OK);
  EXPECT_EQ(state(open()), CKS_RO_PUBLIC_SESSION);
  ASSERT_EQ(login(open()), CKR_OK);
  ASSERT_EQ(p11->C_CloseAllSessions(0), CKR_OK);
  EXPECT_EQ(state(open()), CKS_RO_PUBLIC_SESSION);
}

TEST_F(Sessions, whatIsNoPinNeverReachesTheCard) {
  start();
  const auto session = open();
  CK_BYTE nothing = 0;
  EXPECT_EQ(p11->C_Login(session, CKU_USER, &nothing, 0), CKR_PIN_LEN_RANGE);
  EXPECT_EQ(login(session, "12345"), CKR_PIN_LEN_RANGE);
  EXPECT_EQ(login(session, "123456789"), CKR_PIN_LEN_RANGE);
  EXPECT_EQ(login(session, "abcdef"), CKR_PIN_INCORRECT);
  EXPECT_EQ(login(session, "123456", CKU_SO), CKR_USER_TYPE_INVALID);
  EXPECT_EQ(login(session, "123456", 17), CKR_USER_TYPE_INVALID);
  EXPECT_THAT(cardState->log, ElementsAre("open"));
}

TEST_F(Sessions, pinFlagsFollowTheTries) {
  start();
  const auto session = open();
  EXPECT_EQ(login(session, "999999"), CKR_PIN_INCORRECT);
  EXPECT_EQ(tokenFlags() & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY),
            CKF_USER_PIN_COUNT_LOW);
  EXPECT_EQ(login(session, "999999"), CKR_PIN_INCORRECT);
  EXPECT_EQ(tokenFlags() & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY),
            CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
  EXPECT_EQ(login(session, "999999"), CKR_PIN_LOCKED);
  EXPECT_NE(tokenFlags() & CKF_USER_PIN_LOCKED, 0U);
  EXPECT_EQ(login(session), CKR_PIN_LOCKED);
  cardState->triesLeft = 3;  // unblocked by another program
  EXPECT_EQ(login(session), CKR_OK);
  EXPECT_EQ(tokenFlags() & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED), 0U);
}

TEST_F(Sessions, thePinIsChangedInReadWriteSessionsOnly) {
  start();
  EXPECT_EQ(setPin(open(), "123456", "24681357"), CKR_SESSION_READ_ONLY);
  const auto session = open(CKF_RW_SESSION);
  EXPECT_EQ(setPin(session, "123456", "1234"), CKR_PIN_LEN_RANGE);
  EXPECT_EQ(setPin(session, "123456", "12345a"), CKR_PIN_INVALID);
  EXPECT_EQ(setPin(session, "999999", "24681357"), CKR_PIN_INCORRECT);
  EXPECT_EQ(setPin(session, "123456", "24681357"), CKR_OK);
  EXPECT_EQ(cardState->pin, "24681357");
  EXPECT_EQ(login(session, "24681357"), CKR_OK);
}

TEST_F(Sessions, aLockedPinIsNotChangedAndSaysSo) {
  start();
  cardState->triesLeft = 0;
  EXPECT_EQ(setPin(open(CKF_RW_SESSION), "123456", "24681357"), CKR_PIN_LOCKED);
  EXPECT_NE(tokenFlags() & CKF_USER_PIN_LOCKED, 0U);
  EXPECT_EQ(cardState->pin, "123456");
}

TEST_F(Sessions, aLoginThatOutlivesItsSessionIsUndone) {
  start();
  const auto session = open();
  cardState->during["verify"] = [this] { EXPECT_EQ(p11->C_CloseAllSessions(0), CKR_OK); };
  EXPECT_EQ(login(session), CKR_SESSION_CLOSED);
  EXPECT_EQ(state(open()), CKS_RO_PUBLIC_SESSION);
}

TEST_F(Sessions, aCertificateThatCannotBeReadHidesItsOwnObjectsOnlyAndComesLater) {
  for (const auto error : {card::ErrorCode::CardFailed, card::ErrorCode::NotLoggedIn}) {
    for (const unsigned failing : {1U, 2U}) {
      start();
      const auto session = open();
      unsigned reads = 0;
      cardState->during["certificate"] = [&] {
        if (++reads == failing) {
          cardState->nextError = error;
        }
      };
      const auto some = findAll(session);
      EXPECT_EQ(some.size(), kPublicObjects - 2) << failing;
      const auto all = findAll(session);
      EXPECT_EQ(all.size(), kPublicObjects);
      EXPECT_TRUE(std::ranges::all_of(some, [&](auto one) {
        return std::ranges::find(all, one) != all.end();
      })) << "handles stay";
      findAll(session);
      EXPECT_EQ(reads, 3U) << "what was read is not asked for again";
      ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
    }
  }
}

TEST_F(Sessions, threadsThatListAtOnceReadTheCardOnce) {
  start();
  std::vector<CK_SESSION_HANDLE> sessions{open(), open(), open()};
  std::vector<std::thread> threads;
  threads.reserve(sessions.size());
  for (const auto session : sessions) {
    threads.emplace_back([&, session] { EXPECT_EQ(findAll(session).size(), kPublicObjects); });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(cardState->log, ElementsAre("open", "certificate", "certificate"));
}

TEST_F(Sessions, theLimitHoldsForThreadsSideBySide) {
  start();
  for (std::size_t i = 0; i < pkcs11::Provider::kMaxSessions - 10; ++i) {
    open();
  }
  std::atomic<unsigned> opened{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      CK_SESSION_HANDLE session = 0;
      for (int round = 0; round < 10; ++round) {
        const CK_RV rv = p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
        EXPECT_TRUE(rv == CKR_OK || rv == CKR_SESSION_COUNT) << rv;
        opened += rv == CKR_OK ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(opened, 10U);
}

TEST_F(Sessions, finalizeSideBySideWithOpeningLeavesNoSession) {
  start();
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<unsigned> opened{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      CK_SESSION_HANDLE session = 0;
      CK_RV rv = CKR_OK;
      while (rv == CKR_OK) {
        rv = p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
        ++opened;
      }
      EXPECT_TRUE(rv == CKR_CRYPTOKI_NOT_INITIALIZED || rv == CKR_SESSION_COUNT) << rv;
    });
  }
  while (opened < 8) {
    std::this_thread::yield();
  }
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  for (auto& thread : threads) {
    thread.join();
  }
}

TEST_F(Sessions, randomNumbersAreGiven) {
  start();
  const auto session = open();
  Bytes first(32);
  Bytes second(32);
  EXPECT_EQ(p11->C_GenerateRandom(session, first.data(), first.size()), CKR_OK);
  EXPECT_EQ(p11->C_GenerateRandom(session, second.data(), second.size()), CKR_OK);
  EXPECT_NE(first, second);
  EXPECT_EQ(p11->C_GenerateRandom(session, nullptr, 0), CKR_OK);
}

TEST_F(Sessions, mechanismsAreListedWithWhatTheyDo) {
  start();
  CK_ULONG count = 0;
  ASSERT_EQ(p11->C_GetMechanismList(0, nullptr, &count), CKR_OK);
  std::vector<CK_MECHANISM_TYPE> types(count);
  count -= 1;
  EXPECT_EQ(p11->C_GetMechanismList(0, types.data(), &count), CKR_BUFFER_TOO_SMALL);
  ASSERT_EQ(count, types.size());
  ASSERT_EQ(p11->C_GetMechanismList(0, types.data(), &count), CKR_OK);
  EXPECT_THAT(
      types,
      testing::UnorderedElementsAre(
          CKM_RSA_PKCS, CKM_RSA_X_509, CKM_RSA_PKCS_OAEP, CKM_RSA_PKCS_PSS, CKM_SHA1_RSA_PKCS,
          CKM_SHA224_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS,
          CKM_SHA224_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS,
          CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA, CKM_ECDSA_SHA1, CKM_ECDSA_SHA224, CKM_ECDSA_SHA256,
          CKM_ECDSA_SHA384, CKM_ECDSA_SHA512, CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE,
          CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512));
  CK_MECHANISM_INFO info;
  for (const auto type : types) {
    EXPECT_EQ(p11->C_GetMechanismInfo(0, type, &info), CKR_OK) << type;
  }
  ASSERT_EQ(p11->C_GetMechanismInfo(0, CKM_SHA1_RSA_PKCS, &info), CKR_OK);
  EXPECT_EQ(info.flags, CKF_VERIFY) << "no new signatures with SHA-1";
  EXPECT_EQ(p11->C_GetMechanismInfo(0, CKM_MD5_RSA_PKCS, &info), CKR_MECHANISM_INVALID);
}

TEST_F(Sessions, sessionHandlesAreNotCountedUp) {
  start();
  std::vector<CK_SESSION_HANDLE> handles(20);
  std::ranges::generate(handles, [this] { return open(); });
  auto sorted = handles;
  std::ranges::sort(sorted);
  EXPECT_NE(sorted, handles);
  EXPECT_GT(sorted.back() - sorted.front(), 1'000'000U);
}

}  // namespace
}  // namespace fncard::test
