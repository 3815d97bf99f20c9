// SPDX-License-Identifier: Apache-2.0
// The language of faults, and the plan that counts commands.
#include "hw-sim/fault.h"

#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

std::string read(const std::string& line) {
  const auto fault = faultFromLine(line);
  return fault ? toLine(*fault) : "refused";
}

TEST(FaultLanguage, ReadsWhatItWrites) {
  for (const char* line :
       {"before 3 remove", "after 3 reset", "during 2 power-cut write 3", "before 1 unplug",
        "after 5 swap other.json", "before 5 swap-silently a b.json", "at 5 answer 90AB",
        "at 5 truncate 0", "at 5 oversize 65535", "at 5 nonsense", "at 5 endless",
        "at 5 delay 3000", "at 5 mute", "at verify 1 mute", "before general-authenticate 2 remove",
        "at 0x01 1 mute", "during change-reference-data 1 remove write 1"}) {
    EXPECT_EQ(read(line), line);
  }
}

TEST(FaultLanguage, KnowsShortForms) {
  EXPECT_EQ(read("at 5 status 6f00"), "at 5 answer 6F00");
  EXPECT_EQ(read("  at   0x20  1  oversize "), "at verify 1 oversize 65535");
  EXPECT_EQ(read("during 1 power-cut"), "during 1 power-cut write 1");
}

TEST(FaultLanguage, RefusesAllElse) {
  const std::string tooLong = "at 1 answer " + std::string(kMaxFaultLine, '0');
  for (const std::string line : {"",
                                 " ",
                                 "when 1 remove",
                                 "before",
                                 "before remove",
                                 "before 0 remove",
                                 "before -1 remove",
                                 "before 1x remove",
                                 "before 99999999999 remove",
                                 "before 1",
                                 "before 1 eject",
                                 "before 1 remove now",
                                 "at 1 remove",
                                 "before 1 mute",
                                 "during 1 swap a",
                                 "during 1 unplug",
                                 "during 1 remove write",
                                 "during 1 remove write 0",
                                 "during 1 remove read 1",
                                 "at 1 status",
                                 "at 1 status 6F",
                                 "at 1 status 6F0000",
                                 "at 1 status 6FG0",
                                 "at 1 answer",
                                 "at 1 answer 6F0",
                                 "at 1 truncate",
                                 "at 1 truncate 65536",
                                 "at 1 oversize 65536",
                                 "at 1 delay",
                                 "at 1 delay 0",
                                 "at 1 delay 600001",
                                 "after 1 swap",
                                 "at 0x2 1 mute",
                                 "at 0x2000 1 mute",
                                 "at verify remove",
                                 "at verify 0 mute",
                                 tooLong.c_str()}) {
    EXPECT_EQ(read(line), "refused") << line;
  }
}

TEST(FaultLanguage, AFileHasCommentsAndTellsTheLineThatIsWrong) {
  const auto faults =
      faultsFromText("# two\r\n\n  # indented\n \t\nbefore 1 remove\r\n  at 2 mute");
  ASSERT_TRUE(faults);
  ASSERT_EQ(faults->size(), 2U);
  EXPECT_EQ(toLine(faults->back()), "at 2 mute");
  EXPECT_TRUE(faultsFromText("before 1 remove\nat 2\n").error().starts_with("line 2: "));
  std::string many;
  for (std::size_t i = 0; i <= kMaxFaults; ++i) {
    many += "at 1 mute\n";
  }
  EXPECT_FALSE(faultsFromText(many));
}

TEST(FaultPlan, CountsCommandsAndGivesEachFaultOnce) {
  FaultPlan plan;
  for (const char* line : {"before 2 remove", "at verify 2 mute", "at 2 nonsense"}) {
    EXPECT_TRUE(plan.add(*faultFromLine(line)));
  }
  EXPECT_TRUE(plan.due(hex(kRightPin)).empty());
  const auto second = plan.due(hex(kSelect));
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0].action, FaultAction::Remove);
  EXPECT_EQ(second[1].action, FaultAction::Nonsense);
  ASSERT_EQ(plan.waiting().size(), 1U);
  EXPECT_EQ(toLine(plan.waiting()[0]), "at verify 1 mute");
  EXPECT_TRUE(plan.due(hex("00")).empty());
  EXPECT_EQ(plan.due(hex(kRightPin)).size(), 1U);
  EXPECT_TRUE(plan.waiting().empty());
}

}  // namespace
}  // namespace fncard::hw_sim::testing
