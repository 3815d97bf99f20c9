// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/timing.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <span>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

namespace instruction = piv::instruction;

constexpr std::int64_t kMostMicroseconds = 600'000'000;
constexpr std::int64_t kMostBytesPerSecond = 1'000'000'000;
constexpr std::uint8_t kChainingBit = 0x10;

enum class Unit { Microseconds, BytesPerSecond };

struct Member {
  std::string_view section;
  std::string_view name;
  Unit unit;
  std::uint64_t& value;
};

std::array<Member, 19> membersOf(TimingModel& model) {
  constexpr auto kTime = Unit::Microseconds;
  constexpr auto kRate = Unit::BytesPerSecond;
  auto& operation = model.privateOperation;
  auto& generate = model.generate;
  return {{{"reader", "power-on", kTime, model.powerOn},
           {"reader", "apdu", kTime, model.apdu},
           {"reader", "bytes-to-card", kRate, model.bytesToCard},
           {"reader", "bytes-from-card", kRate, model.bytesFromCard},
           {"card", "select", kTime, model.select},
           {"card", "read", kRate, model.read},
           {"card", "verify", kTime, model.verify},
           {"card", "administration", kTime, model.administration},
           {"card", "write", kTime, model.write},
           {"private-operation", "rsa2048", kTime, operation.rsa2048},
           {"private-operation", "rsa3072", kTime, operation.rsa3072},
           {"private-operation", "rsa4096", kTime, operation.rsa4096},
           {"private-operation", "p256", kTime, operation.p256},
           {"private-operation", "p384", kTime, operation.p384},
           {"generate", "rsa2048", kTime, generate.rsa2048},
           {"generate", "rsa3072", kTime, generate.rsa3072},
           {"generate", "rsa4096", kTime, generate.rsa4096},
           {"generate", "p256", kTime, generate.p256},
           {"generate", "p384", kTime, generate.p384}}};
}

std::uint64_t costOf(const TimingModel::ByAlgorithm& costs, KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::Rsa2048:
      return costs.rsa2048;
    case KeyAlgorithm::Rsa3072:
      return costs.rsa3072;
    case KeyAlgorithm::Rsa4096:
      return costs.rsa4096;
    case KeyAlgorithm::P256:
      return costs.p256;
    case KeyAlgorithm::P384:
      return costs.p384;
  }
  return 0;
}

std::uint64_t transfer(std::size_t bytes, std::uint64_t rate) {
  return bytes * 1'000'000 / rate;
}

/// 9000, or more to fetch.
bool succeeded(ByteView response) {
  if (response.size() < 2) {
    return false;
  }
  const ByteView status = response.subspan(response.size() - 2);
  return (status[0] == 0x90 && status[1] == 0x00) || status[0] == 0x61;
}

/// Of AC { 80 algorithm }.
std::optional<KeyAlgorithm> algorithmToGenerate(const wire::CommandApdu& command) {
  const auto control = wire::findTlv(command.data, 0xAC);
  const auto mechanism = control ? wire::findTlv(*control, 0x80) : std::nullopt;
  return mechanism && mechanism->size() == 1 ? keyAlgorithmFrom((*mechanism)[0]) : std::nullopt;
}

/// What the chip does for a whole command, apart from reading and storing.
std::uint64_t operation(const TimingModel& model, const wire::CommandApdu& command, bool success) {
  switch (command.ins) {
    case instruction::kSelect:
      return model.select;
    case instruction::kVerify:
    case instruction::kChangeReferenceData:
    case instruction::kResetRetryCounter:
      return command.data.empty() ? 0 : model.verify;
    case instruction::kGeneralAuthenticate: {
      if (command.p2 == piv::kManagementKey) {
        return model.administration;
      }
      const auto algorithm = keyAlgorithmFrom(command.p1);
      return success && algorithm ? costOf(model.privateOperation, *algorithm) : 0;
    }
    case instruction::kGenerateKey: {
      const auto algorithm = algorithmToGenerate(command);
      return success && algorithm ? costOf(model.generate, *algorithm) : 0;
    }
    default:
      return 0;
  }
}

std::string named(const Member& member) {
  return std::string(member.section).append(".").append(member.name);
}

tl::expected<void, std::string> readMember(const toml::table& table, const Member& member) {
  const auto value = table[member.section][member.name].value_exact<std::int64_t>();
  const bool isTime = member.unit == Unit::Microseconds;
  const std::int64_t least = isTime ? 0 : 1;
  const std::int64_t most = isTime ? kMostMicroseconds : kMostBytesPerSecond;
  if (!value || *value < least || *value > most) {
    return tl::unexpected(named(member) + " must be there and a whole number of " +
                          (isTime ? "microseconds" : "bytes a second") + " from " +
                          std::to_string(least) + " to " + std::to_string(most));
  }
  member.value = static_cast<std::uint64_t>(*value);
  return {};
}

/// The first member that the model does not have, by its name.
std::optional<std::string> unknownMember(const toml::table& table, std::span<const Member> known) {
  for (const auto& [section, content] : table) {
    const std::string sectionName(section.str());
    const auto* members = content.as_table();
    if (members == nullptr) {
      return sectionName;
    }
    for (const auto& item : *members) {
      const std::string name = sectionName + "." + std::string(item.first.str());
      if (std::none_of(known.begin(), known.end(),
                       [&](const Member& member) { return named(member) == name; })) {
        return name;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

tl::expected<TimingModel, std::string> timingFromToml(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return tl::unexpected("line " + std::to_string(error.source().begin.line) +
                          " is not TOML: " + std::string(error.description()));
  }
  TimingModel model;
  const auto members = membersOf(model);
  if (const auto unknown = unknownMember(table, members)) {
    return tl::unexpected("the model has no " + *unknown);
  }
  for (const Member& member : members) {
    if (const auto read = readMember(table, member); !read) {
      return tl::unexpected(read.error());
    }
  }
  return model;
}

const TimingModel& realisticTiming() {
  static const TimingModel model = timingFromToml(realisticTimingText()).value();
  return model;
}

std::chrono::microseconds TimingMeter::exchange(const TimedExchange& exchange) {
  std::uint64_t cost = model_.apdu + transfer(exchange.command.size(), model_.bytesToCard) +
                       transfer(exchange.response.size(), model_.bytesFromCard) +
                       model_.write * exchange.writes;
  const auto command = wire::CommandApdu::parse(exchange.command, nullptr);
  if (command && command->ins != instruction::kGetResponse) {
    readsObject_ = command->ins == instruction::kGetData;
  }
  if (readsObject_ && exchange.response.size() > 2) {
    cost += transfer(exchange.response.size() - 2, model_.read);
  }
  // the parts of a chain only travel; the last one, of the plain class, makes the card work
  if (command && (command->cla & kChainingBit) == 0) {
    cost += operation(model_, *command, succeeded(exchange.response));
  }
  return std::chrono::microseconds(cost);
}

}  // namespace fncard::hw_sim
