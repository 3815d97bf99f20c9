// SPDX-License-Identifier: Apache-2.0
// Whenever the power goes, the card is afterwards as it was before a command or as after it. What
// lies between is only a try that was counted before the comparison, as it should be.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <random>

#include "hw-sim/inserted_card.h"
#include "tests/hw-sim/reader_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

constexpr const char* kPin = "313233343536FFFF";
constexpr const char* kNewPin = "363534333231FFFF";
constexpr const char* kWrongReference = "393939393939FFFF";
constexpr const char* kPuk = "3132333435363738";
constexpr const char* kNewPuk = "3837363534333231";

struct Storing {
  const char* name;
  std::string command;
  const char* status;
};

std::vector<Storing> storingCommands() {
  const std::string scalar(63, '0');
  return {
      {"verify", std::string("00200080 08") + kPin, "9000"},
      {"wrong verify", std::string("00200080 08") + kWrongReference, "63C1"},
      {"change pin", std::string("00240080 10") + kPin + kNewPin, "9000"},
      {"change puk", std::string("00240081 10") + kPuk + kNewPuk, "9000"},
      {"wrong change", std::string("00240080 10") + kWrongReference + kNewPin, "63C1"},
      {"reset retry counter", std::string("002C0080 10") + kPuk + kNewPin, "9000"},
      {"wrong reset", std::string("002C0080 10") + kWrongReference + kNewPin, "63C2"},
      {"put data", "00DB3FFF 09 5C035FC102 53020102", "9000"},
      {"generate", "0047009C 05 AC03800111 00", "9000"},
      {"import", "00FE119C 22 0620" + scalar + "5", "9000"},
      {"set management key", "00FFFFFF 13 089B10 000102030405060708090A0B0C0D0E0F", "9000"},
  };
}

/// One try of the PIN was spent before, so that the counter's way up is seen too.
CardState before() {
  CardState state = blankCard(true);
  state.serial = 1;  // random otherwise
  state.pin.triesLeft = 2;
  return state;
}

/// The state without the two counters, which are looked at on their own. A generated key is made
/// anew each time: only where it is counts.
std::string contentOf(CardState state) {
  state.pin.triesLeft = 0;
  state.puk.triesLeft = 0;
  std::string out;
  for (auto& [reference, key] : state.keys) {
    out += std::to_string(reference) + (isRsa(key.algorithm()) ? "rsa " : "ec ");
  }
  state.keys.clear();
  return out + toJson(state);
}

/// A card on a file, selected, with 9B authenticated.
class CardOnFile {
 public:
  explicit CardOnFile(const std::string& path) : file_(path) {
    EXPECT_TRUE(file_.save(before()));
    card_ = std::move(*InsertedCard::fromFile(path));
    send(kSelect);
    const std::string challenge = send("0087039B 04 7C028100 00");
    const auto& management = before().management;
    const Bytes block = hex(challenge.substr(8, 16));
    const auto response = encryptBlock(management.cipher, management.key, block);
    EXPECT_EQ(send("0087039B 0C 7C0A8208" + wire::toHex(*response)), "9000");
  }
  std::string send(const std::string& command, unsigned cutAtWrite = 0) {
    return wire::toHex(card_->transmit(hex(command), cutAtWrite));
  }
  [[nodiscard]] unsigned writes() const { return card_->writes(); }
  [[nodiscard]] tl::expected<CardState, std::string> onFile() const { return file_.load(); }

 private:
  StateFile file_;
  std::unique_ptr<InsertedCard> card_;
};

/// What must hold of a state that is found after a cut.
void expectOldOrNew(const CardState& found, const CardState& after, const std::string& when) {
  const std::string content = contentOf(found);
  EXPECT_TRUE(content == contentOf(before()) || content == contentOf(after)) << when;
  // at most the try that was being made is gone
  EXPECT_GE(found.pin.triesLeft + 1, std::min(before().pin.triesLeft, after.pin.triesLeft)) << when;
  EXPECT_LE(found.pin.triesLeft, std::max(before().pin.triesLeft, after.pin.triesLeft)) << when;
  EXPECT_GE(found.puk.triesLeft, 2U) << when;
}

TEST(PowerCut, AtEachWriteOfEachCommandTheOldOrTheNewCardIsThere) {
  const TemporaryFolder folder;
  for (const Storing& storing : storingCommands()) {
    CardOnFile whole(folder.path() / "whole.json");
    const std::string answer = whole.send(storing.command);
    ASSERT_EQ(answer.substr(answer.size() - 4), storing.status) << storing.name;
    const unsigned writes = whole.writes();
    ASSERT_GE(writes, 1U) << storing.name;
    const CardState after = *whole.onFile();
    for (unsigned write = 1; write <= writes; ++write) {
      const std::string when = std::string(storing.name) + ", write " + std::to_string(write);
      CardOnFile card(folder.path() / "cut.json");
      card.send(storing.command, write);
      const auto found = card.onFile();
      ASSERT_TRUE(found) << when;
      expectOldOrNew(*found, after, when);
      if (write == 1) {
        EXPECT_EQ(toJson(*found), toJson(before())) << when;
      }
    }
  }
}

TEST(PowerCut, AWrongPinIsCountedBeforeTheCardTellsIt) {
  const TemporaryFolder folder;
  CardOnFile card(folder.path() / "card.json");
  card.send(std::string("00200080 08") + kWrongReference, 2);  // one write only: it was done
  EXPECT_EQ(card.onFile()->pin.triesLeft, 1U);
}

TEST(PowerCut, NothingIsStoredAfterTheCut) {
  const TemporaryFolder folder;
  CardOnFile card(folder.path() / "card.json");
  card.send(std::string("00240080 10") + kPin + kNewPin, 2);  // lower, raise, replace
  EXPECT_EQ(card.onFile()->pin.triesLeft, 1U);
  EXPECT_EQ(contentOf(*card.onFile()), contentOf(before()));
}

/// fncard-sim as a process of its own.
class SimulatorProcess {
 public:
  SimulatorProcess(const std::string& card, std::uint16_t port) {
    std::string program = FNCARD_SIM_PROGRAM;
    std::string run = "run";
    std::string file = card;
    std::string option = "--port";
    std::string number = std::to_string(port);
    std::array<char*, 6> arguments = {program.data(), run.data(),    file.data(),
                                      option.data(),  number.data(), nullptr};
    EXPECT_EQ(
        ::posix_spawn(&process_, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  }
  ~SimulatorProcess() { kill(); }
  SimulatorProcess(const SimulatorProcess&) = delete;
  SimulatorProcess& operator=(const SimulatorProcess&) = delete;
  void kill() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
      process_ = 0;
    }
  }

 private:
  pid_t process_ = 0;
};

TEST(PowerCut, AKilledSimulatorLeavesTheOldOrTheNewCard) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "card.json";
  // what needs no authentication, over and over: PIN and PUK change there and back
  const std::vector<std::string> commands = {
      std::string("00200080 08") + kPin, std::string("00240080 10") + kPin + kNewPin,
      std::string("002C0080 10") + kPuk + kPin, std::string("00240081 10") + kPuk + kNewPuk,
      std::string("00240081 10") + kNewPuk + kPuk};
  std::mt19937 random(20'260'101);  // the moments repeat, as far as the machine's speed lets them
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(StateFile(path).save(before()));
    FakeReader reader;
    SimulatorProcess simulator(path, reader.port());
    ASSERT_TRUE(reader.accept());
    reader.send("01");
    reader.exchange(kSelect);
    const unsigned whole = random() % 8;
    for (unsigned i = 0; i < whole; ++i) {
      EXPECT_EQ(reader.exchange(commands[i % commands.size()]), "9000");
    }
    reader.send(commands[whole % commands.size()]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
    simulator.kill();
    const auto found = StateFile(path).load();
    ASSERT_TRUE(found) << found.error();
    const std::string pin = wire::toHex(found->pin.value);
    const std::string puk = wire::toHex(found->puk.value);
    EXPECT_TRUE(pin == kPin || pin == kNewPin) << round;
    EXPECT_TRUE(puk == kPuk || puk == kNewPuk) << round;
    EXPECT_GE(found->pin.triesLeft, 1U);
    EXPECT_GE(found->puk.triesLeft, 2U);
    EXPECT_EQ(found->management.key, before().management.key);
  }
}

}  // namespace
}  // namespace fncard::hw_sim::testing
