// SPDX-License-Identifier: Apache-2.0
// The model of a real card's time: its file, its sums, and that an answer waits without anything
// else waiting. No test here looks at a real clock.
#include "hw-sim/timing.h"

#include <atomic>

#include "tests/hw-sim/reader_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

using std::chrono::microseconds;

/// Numbers of which a sum shows what it is made of; a byte costs 1 microsecond on the wire.
constexpr const char* kModel = R"(
[reader]
power-on = 70_000_000
apdu = 1_000
bytes-to-card = 1_000_000
bytes-from-card = 1_000_000
[card]
select = 20_000
read = 100_000
verify = 30_000
administration = 40_000
write = 5_000_000
[private-operation]
rsa2048 = 100_000
rsa3072 = 200_000
rsa4096 = 300_000
p256 = 400_000
p384 = 500_000
[generate]
rsa2048 = 10_000_000
rsa3072 = 20_000_000
rsa4096 = 30_000_000
p256 = 40_000_000
p384 = 50_000_000
)";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kModel;
  return text.replace(text.find(from), from.size(), to);
}

std::int64_t cost(TimingMeter& meter, const std::string& command, const std::string& response,
                  unsigned writes = 0) {
  const Bytes in = hex(command);
  const Bytes out = hex(response);
  return meter.exchange({.command = in, .response = out, .writes = writes}).count() -
         static_cast<std::int64_t>(1'000 + in.size() + out.size());
}

TEST(Timing, RefusesAFileThatIsNotAModel) {
  ASSERT_TRUE(timingFromToml(kModel));
  for (const auto& [text, sentence] : std::vector<std::pair<std::string, std::string>>{
           {"", "reader.power-on must be there"},
           {"[reader", "line 1 is not TOML"},
           {replaced("select = 20_000", ""), "card.select must be there"},
           {replaced("select = 20_000", "select = -1"), "from 0 to 600000000"},
           {replaced("select = 20_000", "select = 600_000_001"), "card.select must"},
           {replaced("select = 20_000", "select = 1.5"), "card.select must"},
           {replaced("select = 20_000", "select = \"1\""), "card.select must"},
           {replaced("read = 100_000", "read = 0"), "bytes a second from 1"},
           {replaced("read = 100_000", "read = 9_000_000_000"), "card.read must"},
           {replaced("[card]", "[card]\nwarmth = 1"), "the model has no card.warmth"},
           {replaced("[card]", "[chip]"), "the model has no chip."},
           {"card = 1\n", "the model has no card"}}) {
    const auto model = timingFromToml(text);
    ASSERT_FALSE(model) << text;
    EXPECT_NE(model.error().find(sentence), std::string::npos) << model.error();
  }
}

TEST(Timing, EachCommandCostsWhatTheChipDoesForIt) {
  TimingMeter meter(*timingFromToml(kModel));
  EXPECT_EQ(cost(meter, kSelect, "9000"), 20'000);
  EXPECT_EQ(cost(meter, kRightPin, "9000", 2), 30'000 + 2 * 5'000'000);
  EXPECT_EQ(cost(meter, "00200080", "63C3"), 0);
  EXPECT_EQ(cost(meter, "0087039B 04 7C028100 00", "9000"), 40'000);
  EXPECT_EQ(cost(meter, "0087119C 02 7C00", "9000"), 400'000);
  EXPECT_EQ(cost(meter, "0087079C 02 7C00", "6110"), 100'000);
  EXPECT_EQ(cost(meter, "0087079C 02 7C00", "6982"), 0);
  EXPECT_EQ(cost(meter, "1087079C 02 7C00", "9000"), 0);  // a part of a chain only travels
  EXPECT_EQ(cost(meter, "0047009C 05 AC03800114", "9000", 1), 50'000'000 + 5'000'000);
  EXPECT_EQ(cost(meter, "00", "6700"), 0);
  EXPECT_EQ(meter.powerOn().count(), 70'000'000);
}

TEST(Timing, ReadingCostsByTheByteToTheEndOfTheObject) {
  TimingMeter meter(*timingFromToml(kModel));
  EXPECT_EQ(cost(meter, "00CB3FFF 05 5C035FC102 00", "0102030405 6105"), 50);
  EXPECT_EQ(cost(meter, "00C00000 00", "0102030405 9000"), 50);
  EXPECT_EQ(cost(meter, kSelect, "6105"), 20'000);
  EXPECT_EQ(cost(meter, "00C00000 00", "0102030405 9000"), 0);
}

TEST(Timing, TheRealisticModelIsWithinWhatRealCardsTake) {
  const TimingModel& model = realisticTiming();
  EXPECT_GE(model.privateOperation.rsa2048, 300'000U);
  EXPECT_LE(model.privateOperation.rsa2048, 600'000U);
  EXPECT_GE(model.privateOperation.p256, 60'000U);
  EXPECT_LE(model.privateOperation.p256, 150'000U);
  EXPECT_GE(model.verify + 2 * model.write, 20'000U);
  EXPECT_LE(model.verify + 2 * model.write, 40'000U);
}

/// Time stands still until the test moves it.
class SlowReader : public Reader {
 protected:
  SlowReader() {
    options.timing = *timingFromToml(kModel);
    options.clock = [this] { return SimulatorClock::time_point(microseconds(now.load())); };
  }
  void passes(microseconds time) {
    now += time.count();
    EXPECT_TRUE(control("status").starts_with("ok"));  // wakes the loop
  }
  void insertPowerOnAndSelect() {
    ASSERT_TRUE(reader.accept());
    reader.send("01");
    untilStatusHas("powered=yes");
    reader.send("04");
    passes(std::chrono::seconds(70));
    EXPECT_EQ(reader.receive().substr(0, 2), "3B");
    reader.send(kSelect);
    untilStatusHas("apdus=1 ");
    passes(std::chrono::seconds(1));
    EXPECT_EQ(statusOf(reader.receive()), "9000");
  }
  std::atomic<std::int64_t> now = 0;
};

TEST_F(SlowReader, AnswersWhenItsTimeHasComeAndServesTheControlSocketMeanwhile) {
  start();
  insertPowerOnAndSelect();
  reader.send(kRightPin);
  untilStatusHas("apdus=2 ");
  passes(std::chrono::seconds(10));
  EXPECT_FALSE(reader.hasInput());
  passes(microseconds(30'000 + 1'000 + 13 + 2));
  EXPECT_EQ(reader.receive(), "9000");
}

TEST_F(SlowReader, ARemovalInterruptsTheWait) {
  start();
  insertPowerOnAndSelect();
  reader.send(kRightPin);
  untilStatusHas("apdus=2 ");
  std::thread driver([this] { expectRemovedInCommand(); });
  EXPECT_EQ(control("remove"), "ok");
  driver.join();
  EXPECT_NE(control("status").find("inserted=no"), std::string::npos);
}

TEST_F(Reader, WithoutTimingCountsByTheRealisticModelAndDoesNotWait) {
  options.clock = [] { return SimulatorClock::time_point(); };  // an answer that waits never comes
  start();
  insertAndPowerOn();
  EXPECT_EQ(reader.exchange("00200080"), "63C3");
  const std::size_t in = hex(kSelect).size() + 4;
  // the application property template: 61 { 4F eleven bytes, 79 { 4F five bytes } }, and 9000
  const Bytes property = hex("61 16 4F0BA000000308000010000100 79074F05A000000308 9000");
  const std::size_t out = property.size() + 2;
  TimingMeter meter(realisticTiming());
  const Bytes select = hex(kSelect);
  const Bytes ask = hex("00200080");
  const Bytes tries = hex("63C3");
  const auto selecting = meter.exchange({.command = select, .response = property});
  const auto asking = meter.exchange({.command = ask, .response = tries});
  EXPECT_EQ(control("status"),
            "ok inserted=yes connected=yes powered=yes apdus=2 bytes-in=" + std::to_string(in) +
                " bytes-out=" + std::to_string(out) +
                " modelled-us=" + std::to_string((meter.powerOn() + selecting + asking).count()) +
                " file=" + options.cardFile);
}

}  // namespace
}  // namespace fncard::hw_sim::testing
