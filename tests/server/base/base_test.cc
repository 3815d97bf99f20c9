// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "server/base/json_reader.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "tests/server/hsm/test_token.h"

namespace fncard::server {
namespace {

using namespace std::chrono;

TEST(Times, AreWrittenAndReadAlike) {
  const Time time = sys_days(year(2028) / 2 / 29) + hours(23) + minutes(59) + seconds(59);
  EXPECT_EQ(utcText(time), "2028-02-29T23:59:59Z");
  EXPECT_EQ(parseUtcText("2028-02-29T23:59:59Z"), time);
  EXPECT_EQ(taipeiText(time), "2028/03/01 07:59:59");
  for (const char* text :
       {"2027-02-29T00:00:00Z", "2028-02-29T24:00:00Z", "2028-02-29T00:00:00",
        "2028-02-29 00:00:00Z", "2028-2-29T00:00:00ZZ", "-028-02-29T00:00:00Z"}) {
    EXPECT_EQ(parseUtcText(text), std::nullopt) << text;
  }
}

TEST(Times, BirthdaysOfALeapDayAreOnTheFirstOfMarch) {
  const year_month_day birth = year(2008) / 2 / 29;
  EXPECT_EQ(ageOn(birth, year(2026) / 2 / 28), 17);
  EXPECT_EQ(ageOn(birth, year(2026) / 3 / 1), 18);
  EXPECT_EQ(yearsLater(year(2028) / 2 / 29, 5), year_month_day(year(2033) / 2 / 28));
}

TEST(FileClock, FollowsItsFile) {
  const hsm::testing::TestDirectory directory;
  const std::string path = directory / "clock";
  const FileClock clock(path);
  EXPECT_LT(clock.now() - system_clock::now(), seconds(60)) << "no file, no offset";
  std::ofstream(path) << 86'400;
  EXPECT_GT(clock.now() - system_clock::now(), hours(23));
}

TEST(JsonReader, AMemberThatNobodyReadIsAnError) {
  auto reader = JsonReader::parse(R"({"a":"x","b":true})");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->text("a", 1, 1), "x");
  EXPECT_EQ(reader->finish().error().code, "request.unknown-member");
  EXPECT_TRUE(reader->boolean("b"));
  EXPECT_TRUE(reader->finish());
}

TEST(JsonReader, TheContentHashIsOfTheContentWithoutCodeAndKey) {
  const auto hash = [](const char* text) { return JsonReader::parse(text)->contentHash(); };
  EXPECT_EQ(hash(R"({"a":1,"b":2})"), hash(R"({ "b":2, "a":1, "userCode":"X" })"));
  EXPECT_EQ(hash(R"({"a":1,"idempotencyKey":"x"})"), hash(R"({"a":1,"idempotencyKey":"y"})"));
  EXPECT_NE(hash(R"({"a":1})"), hash(R"({"a":2})"));
}

TEST(Random, CardNumbersHaveTheirForm) {
  const std::string number = randomCardNumber();
  ASSERT_EQ(number.size(), 16U);
  EXPECT_EQ(number.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 2U);
  EXPECT_EQ(number.find_first_not_of("0123456789", 2), std::string::npos);
  EXPECT_NE(randomCardNumber(), number);
}

}  // namespace
}  // namespace fncard::server
