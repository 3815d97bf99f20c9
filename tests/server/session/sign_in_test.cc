// SPDX-License-Identifier: Apache-2.0
#include "server/session/sign_in.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/server/support/office.h"

namespace fncard::server::session {
namespace {

using testing::Reply;
using testing::TestOffice;

class SignInTest : public ::testing::Test {
 protected:
  Reply signIn(const std::string& permitNumber, const std::string& userCode) {
    return office_.call("POST", "/api/v1/session",
                        {{"permitNumber", permitNumber}, {"userCode", userCode}});
  }
  TestOffice office_;
  TestOffice::Applicant applicant_ = office_.apply();
};

TEST_F(SignInTest, AKnownAndAnUnknownPermitNumberAreTreatedAlike) {
  for (const char* permitNumber : {"A800000014", "B912345674"}) {
    std::vector<std::string> codes;
    for (int i = 0; i < 6; ++i) {
      codes.push_back(signIn(permitNumber, "AAAAAAAA").code());
    }
    EXPECT_EQ(codes, (std::vector<std::string>{"session.refused", "session.refused",
                                               "session.refused-warning", "session.refused-warning",
                                               "session.locked", "session.locked"}))
        << permitNumber;
  }
}

TEST_F(SignInTest, ALockRefusesTheRightCodeTooAndGrows) {
  for (int i = 0; i < 5; ++i) {
    signIn(applicant_.permitNumber, "AAAAAAAA");
  }
  EXPECT_EQ(signIn(applicant_.permitNumber, applicant_.userCode).code(), "session.locked");
  office_.clock.advance(std::chrono::minutes(5));
  const Reply sixth = signIn(applicant_.permitNumber, "AAAAAAAA");
  EXPECT_EQ(sixth.status, 429);
  EXPECT_EQ(sixth.headers.at("retry-after"), "600");
  office_.restart();
  EXPECT_EQ(signIn(applicant_.permitNumber, applicant_.userCode).code(), "session.locked");
  office_.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(signIn(applicant_.permitNumber, applicant_.userCode).status, 200);
  EXPECT_EQ(signIn(applicant_.permitNumber, "AAAAAAAA").code(), "session.refused")
      << "the right code has cleared the count";
}

TEST_F(SignInTest, TriesAtTheSameTimeCountEach) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] { signIn(applicant_.permitNumber, "AAAAAAAA"); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(signIn(applicant_.permitNumber, applicant_.userCode).code(), "session.locked");
}

TEST_F(SignInTest, TheCodeIsReadAsPeopleTypeIt) {
  std::string typed = applicant_.userCode.substr(0, 4) + " - " + applicant_.userCode.substr(4);
  for (char& c : typed) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  EXPECT_EQ(signIn(applicant_.permitNumber, typed).status, 200);
}

TEST_F(SignInTest, ASessionEnds) {
  const std::string token = office_.signIn(applicant_);
  EXPECT_EQ(office_.call("GET", "/api/v1/order", {}, token).status, 200);
  office_.clock.advance(std::chrono::minutes(30));
  const Reply over = office_.call("GET", "/api/v1/order", {}, token);
  EXPECT_EQ(over.status, 401);
  EXPECT_EQ(over.code(), "session.expired");
  EXPECT_EQ(office_.call("GET", "/api/v1/order", {}, "x").status, 401);
  EXPECT_EQ(office_.call("GET", "/api/v1/order").status, 401);
}

TEST(SignInLock, DoublesFromFiveMinutesToADay) {
  using std::chrono::seconds;
  EXPECT_EQ(SignIn::lockTime(4), seconds(0));
  EXPECT_EQ(SignIn::lockTime(5), seconds(300));
  EXPECT_EQ(SignIn::lockTime(6), seconds(600));
  EXPECT_EQ(SignIn::lockTime(1000), seconds(86'400));
}

TEST(UserCode, HasEightCharactersWithoutLookAlikes) {
  std::set<std::string> codes;
  for (int i = 0; i < 200; ++i) {
    const std::string code = makeUserCode();
    EXPECT_EQ(code.size(), 8U);
    EXPECT_EQ(code.find_first_of("0O1IL2Z5S8BUV"), std::string::npos) << code;
    EXPECT_EQ(normalUserCode(code), code);
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 200U);
  EXPECT_EQ(normalUserCode("short"), "");
  EXPECT_EQ(normalUserCode("<script>"), "");
}

TEST(UserCodeHasher, AFullQueueIsToldToTryAgain) {
  UserCodeHasher hasher({.operations = 1, .memoryBytes = 8192}, {.running = 1, .waiting = 0});
  {
    const auto held = hasher.enter();
    ASSERT_TRUE(held);
    EXPECT_EQ(hasher.enter().error().status, 503);
  }
  EXPECT_TRUE(hasher.enter());
}

}  // namespace
}  // namespace fncard::server::session
