// SPDX-License-Identifier: Apache-2.0
#include "server/program/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace fncard::server::program {
namespace {

using ::testing::HasSubstr;

class AConfiguration : public ::testing::Test {
 protected:
  AConfiguration() {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-configuration-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~AConfiguration() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] Files files() const { return Files(directory_.string()); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  [[nodiscard]] Outcome<Configuration> read(const std::string& text) const {
    put(kConfigurationFile, text);
    return readConfiguration(files());
  }
  [[nodiscard]] std::string faultOf(const std::string& text) const {
    const auto read = this->read(text);
    return read ? "" : read.error().sentence;
  }

  std::filesystem::path directory_;
};

TEST_F(AConfiguration, IsReadAsItWasWritten) {
  Configuration configuration{.baseUrl = "http://ca.example", .hashKey = "k"};
  configuration.rateLimits.secrets = 0;
  ASSERT_TRUE(writeConfiguration(files(), configuration));
  const auto read = readConfiguration(files());
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(read->baseUrl, "http://ca.example");
  EXPECT_EQ(read->hashKey, "k");
  EXPECT_EQ(read->rateLimits.secrets, 0U);
  EXPECT_EQ(read->limits.connectionsPerAddress, 64U);
}

TEST_F(AConfiguration, IsNeverGuessed) {
  EXPECT_THAT(faultOf("[limits]\nsecrets-per-minute = \"30\""),
              HasSubstr("[limits] secrets-per-minute must be a whole number"));
  EXPECT_THAT(faultOf("[limits]\nsecrets-per-minute = -1"), HasSubstr("from 0 to"));
  EXPECT_THAT(faultOf("[limits]\nconections = 10"),
              HasSubstr("[limits] conections is not a setting"));
  EXPECT_THAT(faultOf("[limit]\nconnections = 10"), HasSubstr("[limit] connections"));
  EXPECT_THAT(faultOf("node = \"a\""), HasSubstr("is not a section"));
  EXPECT_THAT(faultOf("[server]\nsandbox = 1"), HasSubstr("[server] sandbox must be true"));
  EXPECT_THAT(faultOf("[gateway]\nhash-key = 5"), HasSubstr("[gateway] hash-key must be a text"));
}

TEST_F(AConfiguration, BehindAProxyDoesNotCountConnectionsByAddress) {
  EXPECT_EQ(read("[limits]\nbehind-proxy = true")->limits.connectionsPerAddress, 0U);
  EXPECT_EQ(read("[limits]\nbehind-proxy = true\nconnections-per-address = 7")
                ->limits.connectionsPerAddress,
            7U);
}

TEST_F(AConfiguration, OutsideTheSandboxLacksNothing) {
  const auto sentence = [&](const std::string& text) {
    const auto complete = checkComplete(files(), *read(text));
    return complete ? "" : complete.error().sentence;
  };
  EXPECT_EQ(sentence("[server]\nsandbox = true"), "");
  EXPECT_THAT(sentence(""), HasSubstr("[server] base-url, [registry] url, [gateway] url, [gateway] "
                                      "merchant-id, [gateway] hash-key, [gateway] hash-iv, the "
                                      "file tls.pem, the file tls.key"));
  put(kTlsCertificateFile, "x");
  put(kTlsKeyFile, "x");
  EXPECT_EQ(
      sentence("[server]\nbase-url = \"http://a\"\n[registry]\nurl = \"http://b\"\n[gateway]\n"
               "url = \"http://c\"\nmerchant-id = \"1\"\nhash-key = \"2\"\nhash-iv = \"3\""),
      "");
}

TEST_F(AConfiguration, HasEachSettingInTheDocumentation) {
  ASSERT_TRUE(writeConfiguration(files(), {}));
  std::ifstream document(FNCARD_SERVER_DOCUMENT);
  const std::string text{std::istreambuf_iterator<char>(document), {}};
  const toml::table table = toml::parse_file(files()(kConfigurationFile));
  std::size_t settings = 0;
  for (const auto& [section, members] : table) {
    EXPECT_THAT(text, HasSubstr("`[" + std::string(section.str()) + "]`"));
    for (const auto& [name, value] : *members.as_table()) {
      EXPECT_THAT(text, HasSubstr("`" + std::string(name.str()) + "`"));
      ++settings;
    }
  }
  EXPECT_GT(settings, 20U);
}

}  // namespace
}  // namespace fncard::server::program
