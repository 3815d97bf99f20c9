// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "net/base64.h"
#include "server/program/configuration.h"
#include "tests/server/support/office.h"

/// fncard-server verify on the directory of a server whose card is activated.
namespace fncard::server {
namespace {

using issuance::testing::Output;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;

const std::string kContent = "I hereby agree.";

class VerifyCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    const program::Files files((directory_ / "."));
    program::Configuration configuration;
    if (testing::TestDatabase::isPostgresql()) {
      configuration.store = office_.database.location();
    } else {
      std::filesystem::create_symlink(office_.database.location(), files(program::kDatabaseFile));
    }
    ASSERT_TRUE(program::writeConfiguration(files, configuration));
    ASSERT_TRUE(program::writeCertificates(files, office_.authority().certificates()));
    const auto mailed = office_.mailedCard(card_);
    office_.activate(mailed);
    certificate_ = *net::decodeBase64(mailed.certificates["signature"].get<std::string>());
    write("an.der", certificate_);
    write("letter.txt", {kContent.begin(), kContent.end()});
    write("letter.p7m", card_.signMessage(0, certificate_, kContent));
    write("letter.p7s", card_.signMessage(0, certificate_, kContent, true));
  }
  void write(const std::string& name, const store::Bytes& bytes) const {
    std::ofstream(file(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  [[nodiscard]] std::string file(const std::string& name) const { return directory_ / name; }
  /// The certificates are of testing::kStart.
  [[nodiscard]] Output verify(const std::string& arguments,
                              const std::string& at = "2026-02-01T00:00:00Z") const {
    return issuance::testing::run(std::string("FNCARD_LANGUAGE=en ") + FNCARD_SERVER_PROGRAM +
                                  " verify --directory " + (directory_ / ".") + " --at " + at +
                                  " " + arguments);
  }

  hsm::testing::TestDirectory directory_;
  testing::TestOffice office_;
  testing::SoftwareCard card_;
  store::Bytes certificate_;
};

TEST_F(VerifyCommand, IsZeroForWhatIsGood) {
  const Output good = verify("--content " + file("letter.txt") + " " + file("letter.p7s") + " " +
                             file("letter.p7m") + " " + file("an.der"));
  EXPECT_EQ(good.exitCode, 0) << good.text;
  EXPECT_THAT(good.text, HasSubstr("letter.p7s: good"));
  EXPECT_THAT(good.text, HasSubstr("signature: yes"));
  EXPECT_THAT(good.text, Not(HasSubstr(": no")));
}

TEST_F(VerifyCommand, IsOneWithTheReasonOfEachNo) {
  const Output late = verify(file("an.der"), "2036-01-01T00:00:00Z");
  EXPECT_EQ(late.exitCode, 1);
  EXPECT_THAT(late.text, HasSubstr("an.der: not good"));
  EXPECT_THAT(late.text, HasSubstr("time: no, trust.expired: The certificate has expired"));
  EXPECT_THAT(late.text, HasSubstr("chain: yes"));
  const Output use = verify("--purpose encryption " + file("an.der"));
  EXPECT_EQ(use.exitCode, 1);
  EXPECT_THAT(use.text, HasSubstr("keyUsage: no, trust.wrong-key-usage"));
  const Output changed = verify("--content " + file("an.der") + " " + file("letter.p7s"));
  EXPECT_EQ(changed.exitCode, 1);
  EXPECT_THAT(changed.text, HasSubstr("signature: no, trust.signature-wrong"));
  const Output none = verify(file("letter.txt"));
  EXPECT_EQ(none.exitCode, 1);
  EXPECT_THAT(none.text, HasSubstr("trust.malformed"));
  EXPECT_EQ(verify(file("letter.p7s")).exitCode, 1) << "without its content";
}

TEST_F(VerifyCommand, WritesWhatTheCallAnswers) {
  const Output output = verify("--json " + file("an.der") + " " + file("letter.p7m"));
  EXPECT_EQ(output.exitCode, 0) << output.text;
  const json all = json::parse(output.text);
  ASSERT_EQ(all.size(), 2U);
  json called =
      office_.call("POST", "/api/v1/verify", {{"certificate", testing::base64(certificate_)}}).body;
  called["file"] = file("an.der");
  EXPECT_EQ(all[0], called);
  EXPECT_EQ(all[1]["signers"][0]["good"], true);
}

TEST_F(VerifyCommand, IsTwoForWrongUsage) {
  EXPECT_EQ(verify("").exitCode, 2);
  EXPECT_EQ(verify(file("missing")).exitCode, 2);
  EXPECT_EQ(verify("--purpose love " + file("an.der")).exitCode, 2);
  EXPECT_EQ(verify(file("an.der"), "yesterday").exitCode, 2);
  const Output help = issuance::testing::run(std::string(FNCARD_SERVER_PROGRAM) + " verify --help");
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_THAT(help.text, HasSubstr("Examples:"));
}

}  // namespace
}  // namespace fncard::server
