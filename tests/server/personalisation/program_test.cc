// SPDX-License-Identifier: Apache-2.0
// fncard-perso itself, over TLS with a station's certificate; the tests of WithCard are run under
// scripts/with-card, with a blank card in a private pcscd.
#include "tests/activation-client/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "tests/net/test_certificates.h"
#include "tests/server/personalisation/fake_office.h"

namespace fncard::server::personalisation {
namespace {

using activation_client::Ended;
using activation_client::runProgram;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMailNumber = "12345678901234567890";

class Program : public testing::Test {
 protected:
  Program()
      : serverFiles_(certificates_.issue("server", "IP:127.0.0.1")),
        stationFiles_(certificates_.issue("station-1", "")),
        office_("p256", net::TlsOptions{serverFiles_.certificate, serverFiles_.key,
                                        certificates_.caFile()}) {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-station-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Program() override { std::filesystem::remove_all(folder_); }

  Ended perso(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fncard-perso");
    arguments.insert(
        arguments.end(),
        {"--server", office_.url(), "--certificate", stationFiles_.certificate, "--key",
         stationFiles_.key, "--trust", certificates_.caFile(), "--work-dir", folder_, "--json"});
    return runProgram(arguments, {}, {{"FNCARD_LANGUAGE", "en"}});
  }

  net::TestCertificates certificates_;
  net::TestCertificates::Files serverFiles_;
  net::TestCertificates::Files stationFiles_;
  FakeOffice office_;
  std::string folder_;
};

using WithCard = Program;

TEST_F(WithCard, MakesACheckedAndMailedCard) {
  office_.addJob("AB12345678901234");
  office_.failCall(4, FakeOffice::Fault::AfterIt);  // mailed
  EXPECT_EQ(perso({"run", "--once", "--mail-number", kMailNumber}).exitCode, 1);
  const Ended ended = perso({"run", "--once", "--mail-number", kMailNumber});
  ASSERT_EQ(ended.exitCode, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr(R"("state":"mailed")"));
  EXPECT_EQ(office_.jobs.at("job-1").mailNumber, kMailNumber);
  EXPECT_THAT(office_.stations, testing::ElementsAre("station-1"));

  const Ended status = runProgram(
      {"fncard", "status", "--json", "--offline", "--config", "/nonexistent/f.toml"}, {});
  EXPECT_THAT(status.output, HasSubstr("AB12345678901234"));

  const std::string shown = ended.output + ended.errors;
  EXPECT_THAT(shown, Not(HasSubstr(FakeOffice::kTransportPin)));
  EXPECT_THAT(shown, Not(HasSubstr(net::encodeBase64(FakeOffice::managementKey()))));
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().filename(), "lock") << "nothing is left of a finished job";
  }
}

TEST_F(WithCard, GoesOnUntilThereIsNoJob) {
  const Ended none = perso({"run"});
  EXPECT_EQ(none.exitCode, 3);
  EXPECT_EQ(json::parse(none.output)["error"]["code"], "perso.no-job");
}

using WithoutCard = Program;

TEST_F(WithoutCard, ClaimsNothing) {
  office_.addJob("AB12345678901234");
  EXPECT_EQ(perso({"run", "--once"}).exitCode, 3);
  EXPECT_EQ(office_.calls(), 0);
}

using Usage = Program;

TEST_F(Usage, IsRefusedWithExitCode2) {
  EXPECT_EQ(perso({}).exitCode, 2);
  EXPECT_EQ(perso({"run", "--mail-number", kMailNumber}).exitCode, 2) << "with --once only";
  EXPECT_EQ(perso({"run", "--once", "--mail-number", "123"}).exitCode, 2);
  EXPECT_EQ(perso({"mail", "--job", "../x", "--mail-number", kMailNumber}).exitCode, 2);
  EXPECT_EQ(perso({"spoil", "--job", "job-1"}).exitCode, 2) << "no reason";
  EXPECT_EQ(runProgram({"fncard-perso", "--version"}, {}).exitCode, 0);
  EXPECT_THAT(runProgram({"fncard-perso", "--help"}, {}).output, HasSubstr("Examples:"));
}

TEST_F(Usage, SpoilsAJobWithoutACard) {
  office_.addJob("AB12345678901234");
  const Ended ended = perso({"spoil", "--job", "job-1", "--reason", "chip damaged"});
  EXPECT_EQ(ended.exitCode, 0) << ended.output;
  EXPECT_EQ(json::parse(ended.output)["replacementJobId"], "job-2");
}

TEST_F(Usage, StopsAtAServerThatItDoesNotTrust) {
  const net::TestCertificates others;
  const Ended ended =
      runProgram({"fncard-perso", "mail", "--job", "job-1", "--mail-number", kMailNumber,
                  "--server", office_.url(), "--certificate", stationFiles_.certificate, "--key",
                  stationFiles_.key, "--trust", others.caFile(), "--work-dir", folder_, "--json"},
                 {});
  EXPECT_EQ(ended.exitCode, 1);
  EXPECT_EQ(json::parse(ended.output)["error"]["code"], "net.certificate-refused");
  EXPECT_EQ(office_.calls(), 0);
}

}  // namespace
}  // namespace fncard::server::personalisation
