// SPDX-License-Identifier: Apache-2.0
// What a fork leaves: the child starts anew, the parent goes on.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class Processes : public ModuleTest {};

TEST_F(Processes, aChildStartsAnewAndTheParentGoesOn) {
  start(card::KeyAlgorithm::EcP256);
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    CK_SESSION_INFO info;
    CK_ULONG count = 0;
    int failures = 0;
    failures += p11->C_GetSessionInfo(session, &info) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
    failures += p11->C_Finalize(nullptr) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
    failures += p11->C_Initialize(nullptr) == CKR_OK ? 0 : 1;
    failures += p11->C_GetSlotList(CK_TRUE, nullptr, &count) == CKR_OK && count == 1 ? 0 : 1;
    failures += p11->C_GetSessionInfo(session, &info) == CKR_SESSION_HANDLE_INVALID ? 0 : 1;
    failures += p11->C_Finalize(nullptr) == CKR_OK ? 0 : 1;
    _exit(failures);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  CK_SESSION_INFO info;
  ASSERT_EQ(p11->C_GetSessionInfo(session, &info), CKR_OK);
  EXPECT_EQ(info.state, CKS_RO_USER_FUNCTIONS);
}

}  // namespace
}  // namespace fncard::test
