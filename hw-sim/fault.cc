// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/fault.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

namespace instruction = piv::instruction;

constexpr unsigned kMostCommands = 1'000'000;
constexpr unsigned kMostWrites = 100;
constexpr unsigned kMostDelay = 600'000;
constexpr unsigned kLargestMessage = 65'535;  // what vpcd's two bytes of length can say

template <typename Value>
struct Name {
  std::string_view name;
  Value value;
};

constexpr std::array<Name<FaultMoment>, 4> kMoments = {{{"before", FaultMoment::Before},
                                                        {"during", FaultMoment::During},
                                                        {"after", FaultMoment::After},
                                                        {"at", FaultMoment::At}}};

constexpr std::array<Name<std::uint8_t>, 10> kInstructions = {
    {{"select", instruction::kSelect},
     {"get-data", instruction::kGetData},
     {"get-response", instruction::kGetResponse},
     {"verify", instruction::kVerify},
     {"change-reference-data", instruction::kChangeReferenceData},
     {"reset-retry-counter", instruction::kResetRetryCounter},
     {"general-authenticate", instruction::kGeneralAuthenticate},
     {"put-data", instruction::kPutData},
     {"generate", instruction::kGenerateKey},
     {"import", instruction::kVendorImportKey}}};

enum class Operand { None, File, Size, OptionalSize, Milliseconds, Hex };

struct ActionForm {
  std::string_view name;
  FaultAction value;
  Operand operand;
};

constexpr std::array<ActionForm, 13> kActions = {
    {{"remove", FaultAction::Remove, Operand::None},
     {"reset", FaultAction::Reset, Operand::None},
     {"power-cut", FaultAction::PowerCut, Operand::None},
     {"swap", FaultAction::Swap, Operand::File},
     {"swap-silently", FaultAction::SwapSilently, Operand::File},
     {"unplug", FaultAction::Unplug, Operand::None},
     {"answer", FaultAction::Answer, Operand::Hex},
     {"truncate", FaultAction::Truncate, Operand::Size},
     {"oversize", FaultAction::Oversize, Operand::OptionalSize},
     {"nonsense", FaultAction::Nonsense, Operand::None},
     {"endless", FaultAction::Endless, Operand::None},
     {"delay", FaultAction::Delay, Operand::Milliseconds},
     {"mute", FaultAction::Mute, Operand::None}}};

bool changesAnswer(FaultAction action) {
  return action >= FaultAction::Answer;
}

template <typename Table, typename Key>
auto findName(const Table& table, const Key& name) {
  return std::find_if(table.begin(), table.end(),
                      [&](const auto& row) { return row.name == name; });
}

/// Without what an editor leaves at the ends of a line, a carriage return among it.
std::string_view withoutBlanks(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

/// The words of a line, one after the other.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) { skipSpaces(); }
  [[nodiscard]] bool atEnd() const { return rest_.empty(); }
  std::string_view next() {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    skipSpaces();
    return word;
  }
  /// All that is left: a file name may have spaces.
  std::string_view remainder() { return std::exchange(rest_, {}); }

 private:
  void skipSpaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  std::string_view rest_;
};

std::optional<unsigned> numberFrom(std::string_view word, unsigned least, unsigned most) {
  unsigned value = 0;
  const char* end = word.data() + word.size();
  const auto [at, error] = std::from_chars(word.data(), end, value);
  const bool good = error == std::errc() && at == end && value >= least && value <= most;
  return good ? std::optional(value) : std::nullopt;
}

/// A name of kInstructions, or 0x and two hexadecimal digits.
std::optional<std::uint8_t> instructionFrom(std::string_view word) {
  if (const auto* found = findName(kInstructions, word); found != kInstructions.end()) {
    return found->value;
  }
  const auto byte = word.starts_with("0x") ? wire::fromHex(word.substr(2)) : std::nullopt;
  return byte && byte->size() == 1 ? std::optional(byte->front()) : std::nullopt;
}

tl::unexpected<std::string> refused(std::string_view sentence) {
  return tl::unexpected(std::string(sentence));
}

tl::expected<void, std::string> readOperand(const ActionForm& form, Words& words, Fault& fault) {
  std::optional<unsigned> number;
  switch (form.operand) {
    case Operand::None:
      return {};
    case Operand::File:
      fault.file = words.remainder();
      return fault.file.empty() ? refused("name the card file") : tl::expected<void, std::string>();
    case Operand::Hex: {
      const auto bytes = wire::fromHex(words.next());
      if (!bytes || bytes->empty()) {
        return refused("give the answer in hexadecimal, with its status word");
      }
      fault.answer = *bytes;
      return {};
    }
    case Operand::OptionalSize:
      if (words.atEnd()) {
        fault.number = kLargestMessage;
        return {};
      }
      number = numberFrom(words.next(), 1, kLargestMessage);
      break;
    case Operand::Size:
      number = numberFrom(words.next(), 0, kLargestMessage);
      break;
    case Operand::Milliseconds:
      number = numberFrom(words.next(), 1, kMostDelay);
      break;
  }
  if (!number) {
    return refused(form.operand == Operand::Milliseconds
                       ? "a delay is 1 to 600000 milliseconds"
                       : "a size is a number of bytes up to 65535");
  }
  fault.number = *number;
  return {};
}

/// `status 6F00` is short for `answer 6F00`.
tl::expected<void, std::string> readStatus(Words& words, Fault& fault) {
  const auto bytes = wire::fromHex(words.next());
  if (!bytes || bytes->size() != 2) {
    return refused("a status word has four hexadecimal digits");
  }
  fault.action = FaultAction::Answer;
  fault.answer = *bytes;
  return {};
}

tl::expected<void, std::string> readAction(Words& words, Fault& fault) {
  const std::string_view name = words.next();
  if (name == "status") {
    return readStatus(words, fault);
  }
  const auto* form = findName(kActions, name);
  if (form == kActions.end()) {
    return refused(
        "say what happens: remove, reset, power-cut, swap, swap-silently, unplug, or at: "
        "status, answer, truncate, oversize, nonsense, endless, delay, mute");
  }
  fault.action = form->value;
  return readOperand(*form, words, fault);
}

/// `write K` behind what happens during a command.
tl::expected<void, std::string> readWrite(Words& words, Fault& fault) {
  fault.number = 1;
  if (words.atEnd()) {
    return {};
  }
  const auto number =
      words.next() == "write" ? numberFrom(words.next(), 1, kMostWrites) : std::nullopt;
  if (!number) {
    return refused("during a command: write 1 to write 100");
  }
  fault.number = *number;
  return {};
}

tl::expected<void, std::string> checkCombination(const Fault& fault) {
  if (changesAnswer(fault.action) != (fault.moment == FaultMoment::At)) {
    return refused(
        "what is done to an answer goes with at, anything else with before, during, after");
  }
  if (fault.moment == FaultMoment::During && fault.action != FaultAction::Remove &&
      fault.action != FaultAction::Reset && fault.action != FaultAction::PowerCut) {
    return refused("during a command there is remove, reset or power-cut");
  }
  return {};
}

}  // namespace

tl::expected<Fault, std::string> faultFromLine(std::string_view line) {
  if (line.size() > kMaxFaultLine) {
    return refused("the line is too long");
  }
  Words words(line);
  Fault fault;
  const auto* moment = findName(kMoments, words.next());
  if (moment == kMoments.end()) {
    return refused("begin with before, during, after or at");
  }
  fault.moment = moment->value;
  std::string_view count = words.next();
  if (fault.instruction = instructionFrom(count); fault.instruction) {
    count = words.next();
  }
  const auto number = numberFrom(count, 1, kMostCommands);
  if (!number) {
    return refused(
        "say which of the next commands, 1 to 1000000, alone or behind the name of an instruction: "
        "3, verify 1, 0x20 1");
  }
  fault.count = *number;
  if (auto read = readAction(words, fault); !read) {
    return tl::unexpected(read.error());
  }
  if (auto good = checkCombination(fault); !good) {
    return tl::unexpected(good.error());
  }
  if (fault.moment == FaultMoment::During) {
    if (auto read = readWrite(words, fault); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (!words.atEnd()) {
    return refused("there is more in the line than belongs there");
  }
  return fault;
}

tl::expected<std::vector<Fault>, std::string> faultsFromText(std::string_view text) {
  std::vector<Fault> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = withoutBlanks(line);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    auto fault = faultFromLine(line);
    if (!fault || out.size() == kMaxFaults) {
      return tl::unexpected("line " + std::to_string(number) + ": " +
                            (fault ? "there are more than 1000 faults" : fault.error()));
    }
    out.push_back(std::move(*fault));
  }
  return out;
}

std::string toLine(const Fault& fault) {
  const auto nameOf = [](const auto& table, const auto& value) {
    return std::find_if(table.begin(), table.end(),
                        [&](const auto& row) { return row.value == value; });
  };
  std::string out(nameOf(kMoments, fault.moment)->name);
  if (fault.instruction) {
    const auto* named = nameOf(kInstructions, *fault.instruction);
    out += named != kInstructions.end() ? " " + std::string(named->name)
                                        : " 0x" + wire::toHex(ByteView(&*fault.instruction, 1));
  }
  const auto& form = *nameOf(kActions, fault.action);
  out += " " + std::to_string(fault.count) + " " + std::string(form.name);
  switch (form.operand) {
    case Operand::None:
      break;
    case Operand::File:
      out += " " + fault.file;
      break;
    case Operand::Hex:
      out += " " + wire::toHex(fault.answer);
      break;
    default:
      out += " " + std::to_string(fault.number);
  }
  if (fault.moment == FaultMoment::During) {
    out += " write " + std::to_string(fault.number);
  }
  return out;
}

bool FaultPlan::add(Fault fault) {
  if (waiting_.size() >= kMaxFaults) {
    return false;
  }
  waiting_.push_back(std::move(fault));
  return true;
}

std::vector<Fault> FaultPlan::due(ByteView command) {
  std::vector<Fault> out;
  std::vector<Fault> still;
  for (Fault& fault : waiting_) {
    const bool counts =
        !fault.instruction || (command.size() > 1 && command[1] == *fault.instruction);
    if (counts && fault.count == 1) {
      out.push_back(std::move(fault));
      continue;
    }
    fault.count -= counts ? 1 : 0;
    still.push_back(std::move(fault));
  }
  waiting_ = std::move(still);
  return out;
}

}  // namespace fncard::hw_sim
