// SPDX-License-Identifier: Apache-2.0
#include "server/registration/registration.h"

#include <gtest/gtest.h>

#include "tests/server/support/office.h"

namespace fncard::server {
namespace {

using registration::PermitStatus;
using testing::json;
using testing::Reply;
using testing::TestOffice;

constexpr const char* kPath = "/api/v1/registrations";

class RegistrationTest : public ::testing::Test {
 protected:
  json body(const std::string& permitNumber = "A800000014") {
    return {{"idempotencyKey", office_.key()}, {"permitNumber", permitNumber},
            {"bearerConfirmed", true},         {"phone", "0912345678"},
            {"email", "an@example.org"},       {"language", "en"}};
  }
  Reply apply(const json& body) { return office_.call("POST", kPath, body, "officer"); }
  Reply show(const std::string& orderId) {
    return office_.call("GET", std::string(kPath) + "/" + orderId, {}, "officer");
  }
  TestOffice office_;
};

TEST_F(RegistrationTest, GivesTheUserCodeOnceAndTheDeadline) {
  const json request = body();
  const Reply first = apply(request);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.body["state"], "applied");
  EXPECT_EQ(first.body["name"], "NGUYEN THI HOA");
  EXPECT_EQ(first.body["fee"], 278);
  EXPECT_EQ(first.body["deadline"], "2026-02-15T15:59:59Z");
  EXPECT_EQ(first.body["userCode"].get<std::string>().size(), 8U);
  office_.restart();
  const Reply again = apply(request);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body["orderId"], first.body["orderId"]);
  EXPECT_TRUE(again.body["userCode"].is_null());
}

TEST_F(RegistrationTest, TheDeadlineCountsFromTheDayAfterInTaipei) {
  using namespace std::chrono;
  // 23:30 and 00:30 in Taipei: two days
  const Time late = sys_days(year(2026) / 3 / 1) + hours(15) + minutes(30);
  EXPECT_EQ(utcText(registration::deadlineOf(late)), "2026-03-16T15:59:59Z");
  EXPECT_EQ(utcText(registration::deadlineOf(late + hours(1))), "2026-03-17T15:59:59Z");
}

TEST_F(RegistrationTest, TheSameKeyWithOtherContentIsAConflict) {
  json request = body();
  ASSERT_EQ(apply(request).status, 201);
  request["phone"] = "0987654321";
  const Reply reply = apply(request);
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "request.idempotency-conflict");
}

TEST_F(RegistrationTest, EachOutcomeOfTheRegistryHasItsRefusal) {
  office_.registry.add("F800000019", PermitStatus::Expired);
  office_.registry.add("B912345674", PermitStatus::Revoked);
  office_.registry.add("H870000012", PermitStatus::NotHolder);
  EXPECT_EQ(apply(body("F800000019")).code(), "registration.permit-expired");
  EXPECT_EQ(apply(body("B912345674")).code(), "registration.permit-revoked");
  EXPECT_EQ(apply(body("H870000012")).code(), "registration.not-holder");
  EXPECT_EQ(apply(body("AC03095424")).code(), "registration.permit-unknown");
  const int asked = office_.registry.asked;
  EXPECT_EQ(apply(body("A800000015")).code(), "registration.permit-check-digit");
  EXPECT_EQ(apply(body("12345")).code(), "registration.permit-format");
  json unconfirmed = body();
  unconfirmed["bearerConfirmed"] = false;
  EXPECT_EQ(apply(unconfirmed).code(), "registration.bearer-not-confirmed");
  EXPECT_EQ(office_.registry.asked, asked) << "nobody is looked up without reason";
  EXPECT_TRUE(office_.store().orders()->empty());
}

TEST_F(RegistrationTest, ANameThatNoCertificateCanHaveIsRefusedBeforeTheFeeIsAsked) {
  for (const char* name : {"A\xC2\x9B"
                           "31mB",
                           "", "NGUYEN\nHOA",
                           "\xE2\x80\xAE"
                           "AOH",
                           "HOA\xE2\x80\x8B", "\xFF"}) {
    office_.registry.add("F800000019", PermitStatus::Valid);
    office_.registry.records["F800000019"].name = name;
    EXPECT_EQ(apply(body("F800000019")).code(), "registration.name-refused") << name;
  }
  EXPECT_TRUE(office_.store().orders()->empty());
  office_.registry.records["F800000019"].name = "Trần Thị Hồng 陳氏紅 ปรียา क्\u200dष";
  EXPECT_EQ(apply(body("F800000019")).status, 201);
}

TEST_F(RegistrationTest, EighteenIsCountedInTaipei) {
  // born 2008-02-01: eighteen from 2026-02-01 00:00 in Taipei, which is 16:00 UTC the day before
  office_.registry.add("F800000019", PermitStatus::Valid, "2008-02-01");
  office_.clock.set(testing::kStart + std::chrono::hours(4) - std::chrono::seconds(1));
  EXPECT_EQ(apply(body("F800000019")).code(), "registration.under-age");
  office_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(apply(body("F800000019")).status, 201);
}

TEST_F(RegistrationTest, OnePermitNumberHasOneOpenOrder) {
  ASSERT_EQ(apply(body()).status, 201);
  const Reply second = apply(body());
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.code(), "registration.order-exists");
}

TEST_F(RegistrationTest, ASilentRegistryIsAskedAgainUntilItAnswers) {
  office_.registry.unreachable = true;
  const Reply waiting = apply(body());
  ASSERT_EQ(waiting.status, 202);
  EXPECT_EQ(waiting.body["state"], "awaiting-registry");
  const std::string orderId = waiting.body["orderId"];
  EXPECT_EQ(office_.registration().retryAwaiting(), 0);
  office_.restart();
  office_.registry.unreachable = false;
  EXPECT_EQ(office_.registration().retryAwaiting(), 1);
  EXPECT_EQ(show(orderId).body["state"], "applied");
  EXPECT_EQ(show(orderId).body["name"], "NGUYEN THI HOA");
  const json renewal = {{"idempotencyKey", office_.key()}, {"identified", true}};
  const std::string path = std::string(kPath) + "/" + orderId + "/user-code";
  const Reply code = office_.call("POST", path, renewal, "officer");
  ASSERT_EQ(code.status, 200) << code.body;
  EXPECT_EQ(office_.call("POST", path, renewal, "officer").body["userCode"], nullptr);
  EXPECT_FALSE(
      office_.signIn({orderId, "A800000014", code.body["userCode"].get<std::string>()}).empty());
}

TEST_F(RegistrationTest, ARecordThatCannotBeReadHoldsNobodyElseUp) {
  office_.registry.unreachable = true;
  const std::string odd = apply(body("F800000019")).body["orderId"];
  const std::string next = apply(body()).body["orderId"];
  office_.registry.unreachable = false;
  office_.registry.odd = "F800000019";
  EXPECT_EQ(office_.registration().retryAwaiting(), 1);
  EXPECT_EQ(show(odd).body["state"], "awaiting-registry");
  EXPECT_EQ(show(next).body["state"], "applied");
}

TEST_F(RegistrationTest, ALateRefusalOfTheRegistryEndsTheOrderAndItsPersonalData) {
  office_.registry.unreachable = true;
  const std::string orderId = apply(body("F800000019")).body["orderId"];
  office_.registry.unreachable = false;
  office_.registry.add("F800000019", PermitStatus::Expired);
  EXPECT_EQ(office_.registration().retryAwaiting(), 1);
  const Reply shown = show(orderId);
  EXPECT_EQ(shown.body["state"], "refused");
  EXPECT_EQ(shown.body["refusal"], "registration.permit-expired");
  EXPECT_EQ(shown.body["permitNumber"], "");
  office_.registry.add("F800000019", PermitStatus::Valid);
  EXPECT_EQ(apply(body("F800000019")).status, 201) << "a refused one may apply again";
}

TEST_F(RegistrationTest, ANewUserCodeEndsTheLockThatStrangersMade) {
  auto applicant = office_.apply();
  const auto signIn = [&](const std::string& code) {
    return office_
        .call("POST", "/api/v1/session",
              {{"permitNumber", applicant.permitNumber}, {"userCode", code}})
        .code();
  };
  for (int i = 0; i < 5; ++i) {
    signIn("AAAAAAAA");
  }
  EXPECT_EQ(signIn(applicant.userCode), "session.locked");
  const Reply renewed =
      office_.call("POST", std::string(kPath) + "/" + applicant.orderId + "/user-code",
                   {{"idempotencyKey", office_.key()}, {"identified", true}}, "officer");
  applicant.userCode = renewed.body["userCode"];
  EXPECT_FALSE(office_.signIn(applicant).empty());
}

TEST_F(RegistrationTest, ANewUserCodeVoidsTheOldOneAndItsSessions) {
  auto applicant = office_.apply();
  const std::string token = office_.signIn(applicant);
  const Reply renewed =
      office_.call("POST", std::string(kPath) + "/" + applicant.orderId + "/user-code",
                   {{"idempotencyKey", office_.key()}, {"identified", true}}, "officer");
  ASSERT_EQ(renewed.status, 200);
  EXPECT_EQ(office_.call("GET", "/api/v1/order", {}, token).code(), "session.expired");
  EXPECT_EQ(office_
                .call("POST", "/api/v1/session",
                      {{"permitNumber", applicant.permitNumber}, {"userCode", applicant.userCode}})
                .code(),
            "session.refused");
  applicant.userCode = renewed.body["userCode"];
  EXPECT_FALSE(office_.signIn(applicant).empty());
}

TEST_F(RegistrationTest, TheUserCodeIsNowhereInTheDatabaseAsItIs) {
  const auto applicant = office_.apply();
  const auto order = office_.store().order(applicant.orderId);
  EXPECT_TRUE(order->userCodeHash.starts_with("$argon2id$"));
  const std::string content = office_.database.content();
  EXPECT_NE(content.find(applicant.orderId), std::string::npos);
  EXPECT_EQ(content.find(applicant.userCode), std::string::npos);
}

}  // namespace
}  // namespace fncard::server
