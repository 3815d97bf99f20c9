// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/hw-sim/card_fixture.h"
#include "tests/hw-sim/temporary_folder.h"

namespace fncard::hw_sim::testing {
namespace {

class State : public ::testing::Test {
 protected:
  State() : path(folder.path() / "card.json") {}
  TemporaryFolder folder;
  std::filesystem::path path;
};

CardState fullCard() {
  CardState state = blankCard(false);
  state.pin.triesLeft = 1;
  state.foreignPin.triesLeft = 2;
  state.management = {.cipher = BlockCipher::Aes256, .key = randomBytes(32)};
  state.keys.insert_or_assign(0x9C, rsaKey());
  state.keys.insert_or_assign(0x9D, p256Key());
  state.objects[0x5FC102] = {0x53, 0x01, 0x02};
  return state;
}

TEST_F(State, ComesBackAsItWasStored) {
  const CardState state = fullCard();
  ASSERT_TRUE(StateFile(path).save(state));
  const auto loaded = StateFile(path).load();
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(toJson(*loaded), toJson(state));
  EXPECT_FALSE(loaded->extendedLength);
  EXPECT_EQ(loaded->pin.triesLeft, 1U);
  EXPECT_EQ(loaded->keys.at(0x9C).modulus(), rsaKey().modulus());
}

TEST_F(State, IsForItsOwnerAlone) {
  ASSERT_TRUE(StateFile(path).save(fullCard()));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST_F(State, LeavesTheOldCardWhenItCannotBeStored) {
  ASSERT_TRUE(StateFile(path).save(fullCard()));
  std::filesystem::create_directory(path.string() + ".new");
  CardState changed = fullCard();
  changed.pin.triesLeft = 3;
  EXPECT_FALSE(StateFile(path).save(changed));
  EXPECT_EQ(StateFile(path).load()->pin.triesLeft, 1U);
  EXPECT_FALSE(StateFile(folder.path() / "none" / "card.json").save(changed));
}

TEST_F(State, IsWholeAfterTheProcessIsKilledAtAnyMoment) {
  const CardState state = fullCard();
  ASSERT_TRUE(StateFile(path).save(state));
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      CardState changing = state;
      for (unsigned tries = 0;; ++tries) {
        changing.pin.triesLeft = tries % 4;
        StateFile(path).save(changing);
      }
    }
    ::usleep(static_cast<useconds_t>(500 * (round + 1)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ASSERT_TRUE(StateFile(path).load());
  }
}

TEST_F(State, IsRefusedWhenAMemberIsMissingOrWrong) {
  const auto good = nlohmann::json::parse(toJson(fullCard()));
  for (const char* change :
       {R"({"format": "other"})", R"({"extendedLength": null})", R"({"extendedLength": 1})",
        R"({"serial": -1})", R"({"pin": 5})", R"({"pin": {"value": "31"}})",
        R"({"pin": {"triesLeft": 4}})", R"({"pin": {"triesLimit": 16}})",
        R"({"puk": {"value": "zz"}})", R"({"foreignPin": null})",
        R"({"management": {"algorithm": 7}})", R"({"management": {"key": "00"}})",
        R"({"keys": {"9C": "3000"}})", R"({"keys": {"123": "00"}})", R"({"keys": null})",
        R"({"objects": {"x": "00"}})", R"({"objects": {"7E": 5}})"}) {
    auto changed = good;
    changed.merge_patch(nlohmann::json::parse(change));
    EXPECT_FALSE(cardStateFromJson(changed.dump())) << change;
  }
  EXPECT_FALSE(cardStateFromJson(""));
  EXPECT_FALSE(cardStateFromJson("[]"));
  EXPECT_FALSE(cardStateFromJson("{"));
  EXPECT_TRUE(cardStateFromJson(good.dump()));
}

TEST_F(State, IsRefusedWhenTooLargeOrAbsent) {
  EXPECT_FALSE(StateFile(path).load());
  std::ofstream(path) << std::string((1U << 20U) + 1, ' ');
  EXPECT_FALSE(StateFile(path).load());
}

TEST_F(State, IsShownWithoutSecrets) {
  const CardState state = fullCard();
  for (const std::string& shown : {describe(state), describeAsJson(state)}) {
    EXPECT_EQ(shown.find(wire::toHex(state.pin.value)), std::string::npos);
    EXPECT_EQ(shown.find(wire::toHex(state.puk.value)), std::string::npos);
    EXPECT_EQ(shown.find(wire::toHex(state.management.key)), std::string::npos);
    EXPECT_EQ(shown.find("123456"), std::string::npos);
    EXPECT_NE(shown.find("RSA-2048"), std::string::npos);
  }
}

}  // namespace
}  // namespace fncard::hw_sim::testing
