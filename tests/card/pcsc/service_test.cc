// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>

#include "card/card.h"

namespace fncard::card {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// libpcsclite looks for the service at a place where there is none.
class WithoutService : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "fncard-no-pcscd-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread so far
    setenv("PCSCLITE_CSOCK_NAME", (directory_ + "/pcscd.comm").c_str(), 1);
  }
  void TearDown() override { rmdir(directory_.c_str()); }

 private:
  std::string directory_;
};

TEST_F(WithoutService, EveryCallSaysNoServiceEachTime) {
  const auto service = makePcscService();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(service->readers().error().code, ErrorCode::NoService);
    EXPECT_EQ(service->connect("Reader").error().code, ErrorCode::NoService);
    EXPECT_EQ(service->waitForChange({}, milliseconds(1)).error().code, ErrorCode::NoService);
    EXPECT_EQ(openCard(*service, "Reader").error().code, ErrorCode::NoService);
    EXPECT_EQ(openAnyCard(*service).error().code, ErrorCode::NoService);
  }
}

TEST_F(WithoutService, ACancelBeforeTheWaitEndsTheNextWaitAndOnlyThat) {
  const auto service = makePcscService();
  service->cancelWait();
  EXPECT_EQ(service->waitForChange({}, hours(1)).error().code, ErrorCode::Cancelled);
  EXPECT_EQ(service->waitForChange({}, hours(1)).error().code, ErrorCode::NoService);
}

}  // namespace
}  // namespace fncard::card
