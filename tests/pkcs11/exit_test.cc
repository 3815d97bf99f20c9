// SPDX-License-Identifier: Apache-2.0
// What still works while the process ends: programs use cards from their exit handlers, and from
// threads that nobody stopped.
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/pkcs11/scripted_module_test.h"

namespace fncard::test {
namespace {

class AtExit : public ScriptedModuleTest {
 protected:
  CK_RV sign() {
    if (const CK_RV rv = beginSignature(); rv != CKR_OK) {
      return rv;
    }
    const CK_RV rv = login(session, "123456", CKU_CONTEXT_SPECIFIC);
    return rv == CKR_OK ? finishSignature() : rv;
  }
  CK_RV decrypt() {
    CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
    CK_BYTE ciphertext[256] = {0, 7};
    CK_BYTE message[256];
    CK_ULONG size = sizeof(message);
    const CK_RV rv =
        p11->C_DecryptInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kEncryptionId));
    return rv == CKR_OK ? p11->C_Decrypt(session, ciphertext, sizeof(ciphertext), message, &size)
                        : rv;
  }
  bool works() { return sign() == CKR_OK && decrypt() == CKR_OK; }

  /// Ends the process with 0 when card and module were of use in a handler that runs after
  /// everything that they made was destroyed, there and in a thread.
  void useWhileTheProcessEnds() {
    ending_ = this;
    std::atexit([] {
      bool inThread = false;
      std::thread([&] { inThread = ending_->works(); }).join();
      _exit(inThread && ending_->works() ? 0 : 1);
    });
    ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
    session = open();
    ASSERT_EQ(login(session), CKR_OK);
    ASSERT_TRUE(works());
    std::exit(2);  // NOLINT(concurrency-mt-unsafe): one thread
  }

 private:
  static inline AtExit* ending_ = nullptr;
};

TEST_F(AtExit, cardsAreStillUsed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process in which nothing was made before
  setenv("MALLOC_PERTURB_", "165", 1);  // NOLINT(concurrency-mt-unsafe): what was freed shows
  rsa = true;
  cardState = card::testing::personalisedCard(card::KeyAlgorithm::Rsa2048);
  cardState->extendedLength = false;
  EXPECT_EXIT(useWhileTheProcessEnds(), testing::ExitedWithCode(0), "");
  unsetenv("MALLOC_PERTURB_");  // NOLINT(concurrency-mt-unsafe): one thread
}

}  // namespace
}  // namespace fncard::test
