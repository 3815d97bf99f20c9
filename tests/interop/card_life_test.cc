// SPDX-License-Identifier: Apache-2.0
// A card that comes and goes, other programs at the same card, forks and threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include <atomic>
#include <thread>

#include "tests/interop/loaded_module.h"

namespace fncard::test {
namespace {

bool present(const LoadedModule& module) {
  CK_SLOT_INFO info;
  EXPECT_EQ(module->C_GetSlotInfo(0, &info), CKR_OK);
  return (info.flags & CKF_TOKEN_PRESENT) != 0;
}

/// Waits for the reader to tell what the simulator was told.
void untilPresent(const LoadedModule& module, bool wanted) {
  CK_SLOT_ID slot = 0;
  while (present(module) != wanted) {
    ASSERT_EQ(module->C_WaitForSlotEvent(0, &slot, nullptr), CKR_OK);
  }
}

/// Runs what returns a code in a child process; the code, cut to a byte, is its exit code.
template <typename Work>
pid_t inChild(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    _exit(work() == CKR_OK ? 0 : 1);
  }
  return child;
}

int exitCode(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

TEST(CardLife, aPulledCardEndsItsSessionsAndComesBack) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  simulator("remove");
  untilPresent(module, false);
  EXPECT_EQ(module.sign(session, key), CKR_DEVICE_REMOVED);
  CK_SESSION_INFO info;
  EXPECT_EQ(module->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
  CK_TOKEN_INFO token;
  EXPECT_EQ(module->C_GetTokenInfo(0, &token), CKR_TOKEN_NOT_PRESENT);
  simulator("insert");
  untilPresent(module, true);
  EXPECT_EQ(module->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
  const auto again = module.open();
  ASSERT_EQ(module.login(again), CKR_OK);
  EXPECT_EQ(module.sign(again, module.privateKey(again, 2)), CKR_OK);
  module.finalize();
}

TEST(CardLife, aCardThatIsPulledBetweenTwoApdusIsTold) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  simulator("fault before 2 remove");  // after the VERIFY, before the signature
  EXPECT_EQ(module.sign(session, key), CKR_DEVICE_REMOVED);
  simulator("insert");
  untilPresent(module, true);
  const auto again = module.open();
  ASSERT_EQ(module.login(again), CKR_OK);
  EXPECT_EQ(module.sign(again, module.privateKey(again, 2)), CKR_OK);
  module.finalize();
}

TEST(CardLife, aWaitSeesTheCardComeAndGo) {
  const LoadedModule module;
  module.initialize();
  CK_SLOT_ID slot = 99;
  EXPECT_EQ(module->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
  std::thread hand([] { simulator("remove"); });
  EXPECT_EQ(module->C_WaitForSlotEvent(0, &slot, nullptr), CKR_OK);
  hand.join();
  EXPECT_EQ(slot, 0U);
  EXPECT_FALSE(present(module));
  hand = std::thread([] { simulator("insert"); });
  EXPECT_EQ(module->C_WaitForSlotEvent(0, &slot, nullptr), CKR_OK);
  hand.join();
  EXPECT_TRUE(present(module));
  module.finalize();
}

TEST(CardLife, finalizeWakesAWait) {
  const LoadedModule module;
  module.initialize();
  CK_RV rv = CKR_OK;
  std::thread waiter([&] {
    CK_SLOT_ID slot = 0;
    rv = module->C_WaitForSlotEvent(0, &slot, nullptr);
  });
  module.finalize();
  waiter.join();
  EXPECT_EQ(rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST(CardLife, aChildAfterForkStartsAnew) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  const pid_t child = inChild([&]() -> CK_RV {
    CK_SESSION_INFO info;
    return module->C_GetSessionInfo(session, &info) == CKR_CRYPTOKI_NOT_INITIALIZED
               ? module.signFromTheBeginning(2)
               : CKR_GENERAL_ERROR;
  });
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(module.sign(session, key), CKR_OK);
  }
  EXPECT_EQ(exitCode(child), 0);
  EXPECT_EQ(module.sign(session, key), CKR_OK);
  module.finalize();
}

TEST(CardLife, twoProcessesSignSideBySide) {
  const LoadedModule module;
  const pid_t first = inChild([&] { return module.signFromTheBeginning(15); });
  const pid_t second = inChild([&] { return module.signFromTheBeginning(15); });
  EXPECT_EQ(exitCode(first), 0);
  EXPECT_EQ(exitCode(second), 0);
}

TEST(CardLife, threadsOfOneProcessSignSideBySide) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  std::atomic<int> signatures{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto own = module.open();
      for (int round = 0; round < 5; ++round) {
        signatures += module.sign(own, key) == CKR_OK ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(signatures, 20);
  module.finalize();
}

TEST(CardLife, aResetByAnotherProgramIsOvercome) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  SCARDCONTEXT context = 0;
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  ASSERT_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context), SCARD_S_SUCCESS);
  ASSERT_EQ(SCardConnect(context, environment("FNCARD_READER").c_str(), SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
            SCARD_S_SUCCESS);
  ASSERT_EQ(SCardDisconnect(card, SCARD_RESET_CARD), SCARD_S_SUCCESS);
  SCardReleaseContext(context);
  EXPECT_EQ(module.sign(session, key), CKR_OK);
  module.finalize();
}

TEST(CardLife, aPinChangedByAnotherProgramIsNotPlayedTwice) {
  const LoadedModule module;
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto key = module.privateKey(session, 2);
  const pid_t other = inChild([&]() -> CK_RV {
    module->C_Initialize(nullptr);
    CK_SESSION_HANDLE own = 0;
    module->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &own);
    std::string pin = environment("FNCARD_PIN");
    std::string next = "86420975";
    return module->C_SetPIN(own, reinterpret_cast<CK_UTF8CHAR_PTR>(pin.data()), pin.size(),
                            reinterpret_cast<CK_UTF8CHAR_PTR>(next.data()), next.size());
  });
  ASSERT_EQ(exitCode(other), 0);
  EXPECT_EQ(module.sign(session, key), CKR_USER_NOT_LOGGED_IN);
  const std::size_t before = apduCount();
  EXPECT_EQ(module.sign(session, key), CKR_KEY_HANDLE_INVALID) << "the login is over";
  EXPECT_EQ(apduCount(), before);
  CK_TOKEN_INFO token;
  ASSERT_EQ(module->C_GetTokenInfo(0, &token), CKR_OK);
  EXPECT_NE(token.flags & CKF_USER_PIN_COUNT_LOW, 0U);
  module.finalize();
}

TEST(CardLife, twoReadersAreTwoTokens) {
  const LoadedModule module;
  module.initialize();
  CK_TOKEN_INFO first;
  CK_TOKEN_INFO second;
  ASSERT_EQ(module->C_GetTokenInfo(0, &first), CKR_OK);
  ASSERT_EQ(module->C_GetTokenInfo(1, &second), CKR_OK);
  EXPECT_THAT(first.serialNumber, testing::Not(testing::ElementsAreArray(second.serialNumber)));
  ASSERT_EQ(module.login(module.open(0)), CKR_OK);
  const auto other = module.open(1);
  CK_SESSION_INFO info;
  ASSERT_EQ(module->C_GetSessionInfo(other, &info), CKR_OK);
  EXPECT_EQ(info.state, CKS_RO_PUBLIC_SESSION) << "a login is for one token";
  EXPECT_EQ(module.findAll(other).size(), 7U);
  module.finalize();
}

TEST(NoService, thereAreNoSlotsAndNothingFails) {
  const LoadedModule module;
  module.initialize();
  CK_ULONG count = 99;
  CK_SLOT_ID slot = 0;
  EXPECT_EQ(module->C_GetSlotList(CK_FALSE, nullptr, &count), CKR_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(module->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
  EXPECT_EQ(module->C_GetSlotInfo(0, nullptr), CKR_SLOT_ID_INVALID);
  module.finalize();
}

}  // namespace
}  // namespace fncard::test
