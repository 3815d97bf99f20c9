// SPDX-License-Identifier: Apache-2.0
// What the module leaves in a process when it is done: nothing, however it ended.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <future>
#include <thread>

#include "tests/interop/belongings.h"
#include "tests/interop/loaded_module.h"
#include "tests/support/certificate_key.h"

namespace fncard::test {
namespace {

constexpr int kLives = 100;
/// Until then the libraries below fill their caches and malloc() its own.
constexpr int kWarmUp = 20;
constexpr std::size_t kHeapSlack = 4096;
constexpr std::size_t kDirtySlack = 256 * 1024;

class Hygiene : public NothingIsLeft {};

/// Lives the life a hundred times; no life may leave memory, a thread or a descriptor behind.
template <typename Life>
void liveAHundredTimes(Life life) {
  Memory warm;
  const Belongings before = belongings();
  for (int i = 0; i < kLives; ++i) {
    if (i == kWarmUp) {
      warm = memory();
    }
    life(i);
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    ASSERT_EQ(belongings(), before) << "life " << i;
  }
  const Memory end = memory();
  if (!kSanitized) {
    ASSERT_EQ(environment("GLIBC_TUNABLES"), "glibc.malloc.tcache_count=0")
        << "blocks in a thread's cache would count as given out";
    EXPECT_LE(end.heap, warm.heap + kHeapSlack);
    EXPECT_LE(end.dirty, warm.dirty + kDirtySlack);
  }
}

/// A thread in C_WaitForSlotEvent, and what that answered.
class Waiter {
 public:
  explicit Waiter(const LoadedModule& module)
      : answer_(std::async(std::launch::async, [&module] {
          CK_SLOT_ID slot = 0;
          return module->C_WaitForSlotEvent(0, &slot, nullptr);
        })) {}
  CK_RV answer() {
    const CK_RV rv = answer_.get();
    untilThreads(threadsBefore_);
    return rv;
  }

 private:
  const std::size_t threadsBefore_ = belongings().threads;
  std::future<CK_RV> answer_;
};

/// Leaves sessions open and in each of them an operation in the middle.
void leaveOperationsOpen(const LoadedModule& module) {
  const auto session = module.open();
  ASSERT_EQ(module.login(session), CKR_OK);
  const PrivateKey signing = module.privateKey(session, kSignatureId);
  const PrivateKey decrypting = module.privateKey(session, kKeyManagementId);
  std::array<CK_BYTE, 3> part{'a', 'b', 'c'};
  CK_MECHANISM sign{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CK_MECHANISM decrypt{CKM_RSA_PKCS, nullptr, 0};
  CK_MECHANISM digest{CKM_SHA256, nullptr, 0};
  ASSERT_EQ(module->C_SignInit(session, &sign, signing.handle), CKR_OK);
  ASSERT_EQ(module.login(session, CKU_CONTEXT_SPECIFIC), CKR_OK);
  ASSERT_EQ(module->C_SignUpdate(session, part.data(), part.size()), CKR_OK);
  ASSERT_EQ(module->C_DecryptInit(module.open(), &decrypt, decrypting.handle), CKR_OK);
  const auto digesting = module.open();
  ASSERT_EQ(module->C_DigestInit(digesting, &digest), CKR_OK);
  ASSERT_EQ(module->C_DigestUpdate(digesting, part.data(), part.size()), CKR_OK);
  ASSERT_EQ(module->C_FindObjectsInit(module.open(), nullptr, 0), CKR_OK);
}

TEST_F(Hygiene, aHundredLivesLeaveNothing) {
  liveAHundredTimes([](int) {
    const LoadedModule module;
    ASSERT_EQ(module.signFromTheBeginning(1), CKR_OK);
  });
}

TEST_F(Hygiene, aHundredLivesWithAWaitLeaveNothing) {
  liveAHundredTimes([](int) {
    const LoadedModule module;
    module.initialize();
    ASSERT_EQ(module.findAll(module.open()).size(), 7U);
    Waiter waiter(module);
    module.finalize();
    ASSERT_EQ(waiter.answer(), CKR_CRYPTOKI_NOT_INITIALIZED);
  });
}

TEST_F(Hygiene, openSessionsAndOperationsLeaveNothing) {
  liveAHundredTimes([](int) {
    const LoadedModule module;
    module.initialize();
    leaveOperationsOpen(module);
    module.finalize();
  });
}

TEST_F(Hygiene, aModuleUnloadedWithoutFinalizeIsStillThere) {
  liveAHundredTimes([](int) {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    {
      const LoadedModule module;
      module.initialize();
      session = module.open();
      ASSERT_EQ(module.login(session), CKR_OK);
    }
    const LoadedModule again;
    ASSERT_EQ(again->C_Initialize(nullptr), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    ASSERT_EQ(again.sign(session, again.privateKey(session, kSignatureId)), CKR_OK);
    again.finalize();
  });
}

TEST_F(Hygiene, aCardPulledBeforeFinalizeLeavesNothing) {
  const LoadedModule module;
  module.initialize();
  leaveOperationsOpen(module);
  simulator("remove");
  module.finalize();
}

TEST_F(Hygiene, aCardPulledWhileItSignsLeavesNothing) {
  const LoadedModule module;
  module.initialize();
  leaveOperationsOpen(module);
  const auto session = module.open();
  const auto key = module.privateKey(session, kSignatureId);
  simulator("fault before 2 remove");  // after the VERIFY, before the signature
  EXPECT_EQ(module.sign(session, key), CKR_DEVICE_REMOVED);
  module.finalize();
}

TEST_F(Hygiene, everyOperationLeavesNothing) {
  const LoadedModule module;
  const ModuleClient client = module.client();
  const Bytes text{'t', 'e', 'x', 't'};
  module.initialize();
  const auto session = module.open();
  ASSERT_EQ(module.findAll(session).size(), 7U);
  ASSERT_EQ(module.login(session), CKR_OK);
  const auto signing = module.privateKey(session, kSignatureId);
  const auto signature = client.sign(session, signing, text, environment("FNCARD_PIN"));
  ASSERT_TRUE(signature.has_value());
  const auto judge = CertificateKey::fromDer(client.certificate(session, kSignatureId).value());
  EXPECT_TRUE(judge->verifies(text, *signature));
  const auto decrypting = module.privateKey(session, kKeyManagementId);
  const auto other = CertificateKey::fromDer(client.certificate(session, kKeyManagementId).value());
  if (decrypting.type == CKK_RSA) {
    EXPECT_EQ(client.decrypt(session, decrypting, other->encrypt(text)), text);
  } else {
    const auto agreed = other->agreeWithNewKey();
    EXPECT_EQ(client.derive(session, decrypting, agreed->first, agreed->second.size()),
              agreed->second);
  }
  CK_SLOT_ID slot = 0;
  EXPECT_EQ(module->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
  ASSERT_EQ(module->C_Logout(session), CKR_OK);
  module.finalize();
}

class HygieneWithoutService : public NothingIsLeft {};

TEST_F(HygieneWithoutService, aHundredLivesLeaveNothing) {
  liveAHundredTimes([](int) {
    const LoadedModule module;
    module.initialize();
    ASSERT_EQ(module.client().slots().value_or(std::vector<CK_SLOT_ID>(1)).size(), 0U);
    Waiter waiter(module);
    module.finalize();
    ASSERT_EQ(waiter.answer(), CKR_CRYPTOKI_NOT_INITIALIZED);
  });
}

}  // namespace
}  // namespace fncard::test
