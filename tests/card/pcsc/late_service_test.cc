// SPDX-License-Identifier: Apache-2.0
// Run by scripts/with-card, as a process of its own: libpcsclite looks once where the service is.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "card/card.h"
#include "tests/card/pcsc/simulator_control.h"

namespace fncard::card {
namespace {

TEST(LateService, AServiceObjectMadeBeforePcscdRunsWorksOnceItRuns) {
  std::string directory = ::testing::TempDir() + "fncard-late-pcscd-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const std::string socket = directory + "/pcscd.comm";
  const std::string real = testing::fromEnvironment("PCSCLITE_CSOCK_NAME");
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread
  setenv("PCSCLITE_CSOCK_NAME", socket.c_str(), 1);

  const auto service = makePcscService();
  EXPECT_EQ(service->readers().error().code, ErrorCode::NoService);
  ASSERT_EQ(symlink(real.c_str(), socket.c_str()), 0);
  EXPECT_TRUE(service->readers().has_value());
  const auto card = openAnyCard(*service);
  EXPECT_TRUE(card.has_value());

  unlink(socket.c_str());
  rmdir(directory.c_str());
}

}  // namespace
}  // namespace fncard::card
