// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/apdu_log.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/hw-sim/card_fixture.h"
#include "tests/hw-sim/temporary_folder.h"

namespace fncard::hw_sim::testing {
namespace {

class Log : public ::testing::Test {
 protected:
  Log() : path(folder.path() / "apdu.log") { EXPECT_TRUE(log.open(path)); }

  std::string lastLine() {
    std::ifstream file(path);
    std::string line;
    std::string last;
    while (std::getline(file, line)) {
      last = line;
    }
    return last;
  }
  std::string lineOf(const std::string& command, const std::string& response) {
    log.exchange(hex(command), hex(response));
    return lastLine();
  }

  TemporaryFolder folder;
  std::filesystem::path path;
  ApduLog log;
};

TEST_F(Log, HasOneLineAnExchange) {
  EXPECT_EQ(lineOf("00A40400 09 A00000030800001000 00", "6103 010203 9000"),
            "> 00A4040009A0000003080000100000 < 6103010203 9000");
  EXPECT_EQ(lineOf("00200080", "63C3"), "> 00200080 < 63C3");
}

TEST_F(Log, NeverShowsAReferenceOrAKey) {
  const std::string pin = "3132333435363738";
  for (const char* header :
       {"00200080 08", "00240080 10 4040404040404040", "002C0080 10 4040404040404040",
        "00FFFFFF 0B 089B08", "00FE079D 0A 0108", "00870C9B 0C 7C0A8208", "10240080 08",
        "80200080 08", "00200080 00 0008", "00200080 06", "00200099 08"}) {
    const std::string line = lineOf(header + pin, "9000");
    EXPECT_EQ(line.find(pin), std::string::npos) << header;
    EXPECT_NE(line.find("** < 9000"), std::string::npos) << header;
  }
}

TEST_F(Log, NeverShowsAPinThatGotNoAnswer) {
  log.unanswered(hex("00200080 08 3132333435363738"));
  EXPECT_EQ(lastLine(), "> 00200080** <");
}

TEST_F(Log, NeverShowsDecipheredTextAlsoWhenItComesInParts) {
  EXPECT_EQ(lineOf("0087079D 04 7C028200", "CAFE 6102"), "> 0087079D047C028200 < ** 6102");
  EXPECT_EQ(lineOf("00C00000 02", "CAFE 9000"), "> 00C0000002 < ** 9000");
  EXPECT_EQ(lineOf("0087079C 04 7C028200", "CAFE 6102"), "> 0087079C047C028200 < CAFE 6102");
  EXPECT_EQ(lineOf("00C00000 02", "CAFE 9000"), "> 00C0000002 < CAFE 9000");
}

TEST_F(Log, NeverShowsTheAdministrationDialogue) {
  EXPECT_EQ(lineOf("00870C9B 04 7C028000", "7C048002CAFE 9000"), "> 00870C9B** < ** 9000");
}

TEST_F(Log, IsForItsOwnerAlone) {
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace fncard::hw_sim::testing
