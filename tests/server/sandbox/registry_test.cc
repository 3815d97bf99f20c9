// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/registry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/client.h"

namespace fncard::server::sandbox {
namespace {

using nlohmann::json;

// The sum of a permit number that must be a multiple of ten, as the agency publishes the rule.
int checkSum(const std::string& number) {
  static const std::string kLetters = "ABCDEFGHJKLMNPQRSTUVXYWZIO";  // 10, 11, 12, …
  const auto value = [](char c) { return static_cast<int>(kLetters.find(c)) + 10; };
  const int first = value(number.at(0));
  const char second = number.at(1);
  int sum = first / 10 + 9 * (first % 10) +
            8 * (std::isdigit(static_cast<unsigned char>(second)) != 0 ? second - '0'
                                                                       : value(second) % 10);
  for (int i = 2; i < 9; ++i) {
    sum += (9 - i) * (number.at(static_cast<std::size_t>(i)) - '0');
  }
  return sum + (number.at(9) - '0');
}

class SandboxRegistry : public ::testing::Test {
 protected:
  SandboxRegistry() : server_(std::move(*startRegistry({}))) {}

  [[nodiscard]] std::string url(const std::string& number) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/permits/" + number;
  }
  [[nodiscard]] net::Response get(const std::string& number) const {
    return *client_.get(url(number));
  }
  [[nodiscard]] json look(const std::string& number) const { return json::parse(get(number).body); }
  [[nodiscard]] int put(const std::string& number, const std::string& body) const {
    return client_.send(url(number), {.method = "PUT", .body = body})->status;
  }

  std::unique_ptr<net::Server> server_;
  net::Client client_{{}};
};

TEST(SandboxTable, EveryNumberHasARightCheckDigit) {
  const json table = json::parse(builtInTable());
  EXPECT_EQ(table.size(), 11U);
  for (const auto& [number, record] : table.items()) {
    EXPECT_EQ(checkSum(number) % 10, 0) << number;
  }
  for (const char* unknown : {"C800000043", "N800000051", "T900000067"}) {
    EXPECT_EQ(checkSum(unknown) % 10, 0) << unknown;
    EXPECT_FALSE(table.contains(unknown));
  }
  EXPECT_NE(checkSum("A800000015") % 10, 0);
}

TEST_F(SandboxRegistry, TheBuiltInTableHasOnePermitForEachCase) {
  EXPECT_EQ(look("A800000014"), json({{"state", "valid"},
                                      {"bearerIsHolder", true},
                                      {"name", "NGUYEN THI HOA"},
                                      {"birthDate", "1990-05-17"}}));
  EXPECT_EQ(look("F800000019").at("name"), "SITI RAHAYU");
  for (const char* number : {"A900000016", "B912345674", "AA00000009", "AC03095424"}) {
    EXPECT_EQ(look(number).at("state"), "valid") << number;
    EXPECT_EQ(look(number).at("bearerIsHolder"), true) << number;
    EXPECT_LT(look(number).at("birthDate"), "2008-01-01") << number;
  }
  EXPECT_EQ(look("H870000012").at("state"), "expired");
  EXPECT_EQ(look("HD02717288").at("state"), "revoked");
  EXPECT_EQ(look("FC12345674").at("birthDate"), "2010-06-01");
  EXPECT_EQ(look("E800000027").at("bearerIsHolder"), false);
  EXPECT_EQ(look("C800000043"), json({{"state", "unknown"}}));
  EXPECT_EQ(get("D900000037").status, 503);
}

TEST_F(SandboxRegistry, AnUnreachablePermitCanBeMadeToAnswerAndBack) {
  EXPECT_EQ(put("D900000037", R"({"state":"valid","name":"A B","birthDate":"1990-01-31"})"), 204);
  EXPECT_EQ(look("D900000037").at("name"), "A B");
  EXPECT_EQ(put("D900000037", R"({"unreachable":true})"), 204);
  EXPECT_EQ(get("D900000037").status, 503);
}

TEST_F(SandboxRegistry, ARecordThatIsNoneChangesNothing) {
  for (const char* body : {"", "[]", "{}", R"({"state":"valid"})", R"({"unreachable":"yes"})",
                           R"({"state":"good","name":"A","birthDate":"1990-01-31"})",
                           R"({"state":"valid","name":1,"birthDate":"1990-01-31"})",
                           R"({"state":"valid","name":"A","birthDate":"1990-01-31","x":1})"}) {
    EXPECT_EQ(put("A800000014", body), 400) << body;
  }
  EXPECT_EQ(look("A800000014").at("name"), "NGUYEN THI HOA");
}

TEST(SandboxRegistryTable, AGivenTableReplacesTheBuiltInOne) {
  auto server =
      startRegistry({.table = R"({"X1":{"state":"revoked","name":"X","birthDate":"1990-01-31"}})"});
  ASSERT_TRUE(server);
  const std::string url = "http://127.0.0.1:" + std::to_string((*server)->port()) + "/permits/";
  EXPECT_EQ(json::parse(net::Client({}).get(url + "X1")->body).at("state"), "revoked");
  EXPECT_EQ(json::parse(net::Client({}).get(url + "A800000014")->body).at("state"), "unknown");
}

TEST(SandboxRegistryTable, ATableThatIsNoneDoesNotStart) {
  for (const char* table : {"no", "[]", R"({"A800000014":{"state":"valid"}})"}) {
    const auto server = startRegistry({.table = table});
    ASSERT_FALSE(server) << table;
    EXPECT_EQ(server.error().code, net::ErrorCode::Malformed);
  }
}

}  // namespace
}  // namespace fncard::server::sandbox
