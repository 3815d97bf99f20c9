// SPDX-License-Identifier: Apache-2.0
// With databases that NSS's own certutil makes, changed by its own modutil, for a person whose HOME
// is a folder of the test.
#include "activation-client/browsers/security_devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/activation-client/program.h"

namespace fncard::activation_client::browsers {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SecurityDevices : public testing::Test {
 protected:
  SecurityDevices() {
    std::string pattern = fs::temp_directory_path() / "fncard-devices-XXXXXX";
    home_.home = mkdtemp(pattern.data());
    home_.configuration = home_.home / ".config";
    home_.data = home_.home / ".local/share";
  }
  ~SecurityDevices() override { fs::remove_all(home_.home); }

  void SetUp() override {
    if (runProgram({"certutil", "-H"}, "").exitCode == 127) {
      GTEST_SKIP() << "certutil and modutil are missing: install libnss3-tools";
    }
  }

  fs::path makeDatabase(const fs::path& folder) {
    fs::create_directories(folder);
    const auto made =
        runProgram({"certutil", "-N", "-d", "sql:" + folder.string(), "--empty-password"}, "");
    EXPECT_EQ(made.exitCode, 0) << made.errors;
    return folder;
  }
  fs::path makeFirefoxProfile(const std::string& firefox, const std::string& name) {
    fs::path folder = makeDatabase(home_.home / firefox / name);
    std::ofstream(home_.home / firefox / "profiles.ini", std::ios::app)
        << "[Profile0]\nName=default\nIsRelative=1\nPath=" << name << "\n\n";
    return folder;
  }
  static std::string listOf(const fs::path& folder) {
    std::ostringstream text;
    text << std::ifstream(folder / "pkcs11.txt").rdbuf();
    return text.str();
  }
  fs::path moduleFile() const {
    const fs::path file = home_.home / "module.so";
    fs::copy_file(FNCARD_TEST_MODULE, file, fs::copy_options::skip_existing);
    return file;
  }
  Ended fncard(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), FNCARD_TEST_PROGRAM);
    arguments.insert(arguments.end(), {"--config", "/nonexistent/fncard.toml"});
    return runProgram(arguments, "",
                      {{"HOME", home_.home},
                       {"XDG_CONFIG_HOME", home_.configuration},
                       {"XDG_DATA_HOME", home_.data},
                       {"FNCARD_LANGUAGE", "en"}});
  }

  Home home_;
};

TEST_F(SecurityDevices, AreFoundInOldAndNewPlacesAndThoseOfSnapsAreToldApart) {
  EXPECT_THAT(databasesOf(home_), IsEmpty());
  makeFirefoxProfile(".mozilla/firefox", "abc.default-esr");
  makeFirefoxProfile(".config/mozilla/firefox", "def.default");
  makeFirefoxProfile("snap/firefox/common/.mozilla/firefox", "ghi.default");
  makeDatabase(home_.home / ".pki/nssdb");
  makeDatabase(home_.data / "pki/nssdb");
  // a profile that was never started has no database yet
  std::ofstream(home_.home / ".mozilla/firefox/profiles.ini", std::ios::app) << "Path=never\n";

  std::vector<std::string> found;
  for (const auto& database : databasesOf(home_)) {
    found.push_back(std::string(nameOf(database.browser)) + " " +
                    fs::relative(database.folder, home_.home).string() +
                    (database.confined ? " confined" : ""));
  }
  EXPECT_THAT(found,
              ElementsAre("Firefox .mozilla/firefox/abc.default-esr",
                          "Firefox .config/mozilla/firefox/def.default",
                          "Firefox snap/firefox/common/.mozilla/firefox/ghi.default confined",
                          "Chromium .pki/nssdb", "Chromium .local/share/pki/nssdb"));
}

TEST_F(SecurityDevices, TakeTheModuleOnceAndGiveItUpWithoutATrace) {
  const fs::path folder = makeFirefoxProfile(".mozilla/firefox", "abc.default");
  const std::string before = listOf(folder);
  const std::string module = moduleFile();

  const auto registered = fncard({"register", "--module", module});
  EXPECT_EQ(registered.exitCode, 0) << registered.output << registered.errors;
  EXPECT_THAT(listOf(folder), HasSubstr("library=" + module));
  const std::string once = listOf(folder);
  EXPECT_EQ(fncard({"register", "--module", module}).exitCode, 0);
  EXPECT_EQ(listOf(folder), once);
  // NSS itself loads what is named there
  const auto listed = runProgram({"modutil", "-dbdir", "sql:" + folder.string(), "-list"}, "");
  EXPECT_THAT(listed.output, HasSubstr("fncard"));

  EXPECT_EQ(fncard({"unregister"}).exitCode, 0);
  EXPECT_EQ(listOf(folder), before);
  EXPECT_EQ(fncard({"unregister"}).exitCode, 0);
}

TEST_F(SecurityDevices, FollowAModuleThatMoved) {
  const Database database{.browser = Browser::Chromium,
                          .folder = makeDatabase(home_.home / ".pki/nssdb")};
  const fs::path old = home_.home / "old.so";
  fs::copy_file(FNCARD_TEST_MODULE, old);
  ASSERT_TRUE(add(database, old).has_value());
  EXPECT_EQ(registrationOf(database, moduleFile()), Registration::OtherFile);
  ASSERT_TRUE(add(database, moduleFile()).has_value());
  EXPECT_EQ(registrationOf(database, moduleFile()), Registration::Present);
  EXPECT_THAT(listOf(database.folder), Not(HasSubstr(old.string())));
}

TEST_F(SecurityDevices, OfARunningBrowserAreLeftAlone) {
  const fs::path folder = makeDatabase(home_.home / ".pki/nssdb");
  const std::string before = listOf(folder);
  const std::ifstream browser(folder / "cert9.db");  // held as a browser does
  const auto refused = fncard({"register", "--module", moduleFile()});
  EXPECT_EQ(refused.exitCode, 1);
  EXPECT_THAT(refused.output, HasSubstr("Chromium is running"));
  EXPECT_EQ(listOf(folder), before);
}

TEST_F(SecurityDevices, OfNobodyAndNoModuleAreNothingToWorkOn) {
  const auto nobody = fncard({"register", "--module", moduleFile()});
  EXPECT_EQ(nobody.exitCode, 3);
  EXPECT_THAT(nobody.errors, HasSubstr("start the browser once"));
  makeDatabase(home_.home / ".pki/nssdb");
  const auto missing = fncard({"register", "--module", "/nonexistent/module.so"});
  EXPECT_EQ(missing.exitCode, 3);
  EXPECT_THAT(missing.errors, HasSubstr("/nonexistent/module.so"));
}

}  // namespace
}  // namespace fncard::activation_client::browsers
