// SPDX-License-Identifier: Apache-2.0
#include "activation-client/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fncard::activation_client {
namespace {

class ConfigurationTest : public testing::Test {
 protected:
  ConfigurationTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-toml-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~ConfigurationTest() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& content) const {
    const auto path = directory_ / name;
    std::ofstream(path) << content;
    return path;
  }

  std::filesystem::path directory_;
};

TEST_F(ConfigurationTest, IsEmptyWithoutAFile) {
  const auto read = readConfiguration({directory_ / "none.toml"});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->server + read->trust + read->reader, "");
}

TEST_F(ConfigurationTest, LetsTheLaterFileWinMemberByMember) {
  const auto first = write("1.toml", "server = \"https://a\"\nreader = \"A\"\nother = 1\n");
  const auto second = write("2.toml", "server = \"https://b\"\n[pkcs11]\nx = \"y\"\n");
  const auto read = readConfiguration({first, second});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->server, "https://b");
  EXPECT_EQ(read->reader, "A");
}

TEST_F(ConfigurationTest, FindsTheTrustFileBesideTheFileThatNamesIt) {
  EXPECT_EQ(readConfiguration({write("1.toml", "trust = \"ca.pem\"")})->trust,
            directory_ / "ca.pem");
  EXPECT_EQ(readConfiguration({write("2.toml", "trust = \"/etc/ca.pem\"")})->trust, "/etc/ca.pem");
}

TEST_F(ConfigurationTest, SaysWhereAFileIsWrong) {
  const auto syntax = readConfiguration({write("bad.toml", "reader = \"A\"\nserver = https\n")});
  ASSERT_FALSE(syntax.has_value());
  EXPECT_THAT(syntax.error().detail, testing::HasSubstr("bad.toml line 2"));
  const auto type = readConfiguration({write("type.toml", "server = 1\n")});
  ASSERT_FALSE(type.has_value());
  EXPECT_THAT(type.error().detail, testing::HasSubstr("server"));
}

}  // namespace
}  // namespace fncard::activation_client
