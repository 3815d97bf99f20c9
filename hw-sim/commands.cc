// SPDX-License-Identifier: Apache-2.0
// What can be said at the control socket.
#include "hw-sim/simulator.h"

namespace fncard::hw_sim {
namespace {

std::pair<std::string, std::string> splitAtSpace(const std::string& line) {
  const auto space = line.find(' ');
  if (space == std::string::npos) {
    return {line, ""};
  }
  return {line.substr(0, space), line.substr(space + 1)};
}

const char* yesNo(bool value) {
  return value ? "yes" : "no";
}

}  // namespace

std::string Simulator::control(const std::string& line) {
  const auto [name, argument] = splitAtSpace(line);
  if (name == "status") {
    return status();
  }
  if (name == "faults" && argument.empty()) {
    return listFaults();
  }
  const Result done = command(name, argument);
  return done ? "ok" : "error " + done.error();
}

Simulator::Result Simulator::command(const std::string& name, const std::string& argument) {
  if (name == "insert") {
    const std::string path = argument.empty() ? lastCardFile_ : argument;
    return path.empty() ? tl::unexpected(std::string("no card file was named yet")) : insert(path);
  }
  if (name == "insert-unknown") {
    return insertForeign(InsertedCard::Foreign::Unknown);
  }
  if (name == "insert-mute") {
    return insertForeign(InsertedCard::Foreign::Mute);
  }
  if (name == "remove") {
    return remove();
  }
  if (name == "reset") {
    return loseSession();
  }
  if ((name == "swap" || name == "swap-silently") && argument.empty()) {
    return tl::unexpected(std::string("name the card file"));
  }
  if (name == "swap") {
    return swap(argument);
  }
  if (name == "swap-silently") {
    return swapSilently(argument);
  }
  if (name == "unplug") {
    return unplug();
  }
  if (name == "plug") {
    return plug();
  }
  if (name == "fault") {
    return addFault(argument);
  }
  if (name == "faults" && argument == "clear") {
    faults_.clear();
    return {};
  }
  return tl::unexpected(
      std::string("unknown command; known are insert, insert-unknown, insert-mute, remove, reset, "
                  "swap, swap-silently, unplug, plug, status, fault, faults, faults clear"));
}

Simulator::Result Simulator::addFault(const std::string& line) {
  auto fault = faultFromLine(line);
  if (!fault) {
    return tl::unexpected(fault.error());
  }
  if (!faults_.add(std::move(*fault))) {
    return tl::unexpected(std::string("too many faults are waiting"));
  }
  return {};
}

std::string Simulator::listFaults() const {
  std::string out = "ok " + std::to_string(faults_.waiting().size()) + " pending";
  const char* separator = ": ";
  for (const Fault& fault : faults_.waiting()) {
    out += separator + toLine(fault);
    separator = "; ";
  }
  return out;
}

std::string Simulator::status() const {
  std::string out = "ok inserted=";
  out += yesNo(inserted_ != nullptr);
  out += " connected=";
  out += yesNo(link_.connected());
  out += " powered=";
  out += yesNo(powered_);
  out += " apdus=" + std::to_string(exchanges_);
  out += " bytes-in=" + std::to_string(bytesIn_);
  out += " bytes-out=" + std::to_string(bytesOut_);
  out += " modelled-us=" + std::to_string(modelled_.count());
  if (inserted_ && !inserted_->path().empty()) {
    out += " file=" + inserted_->path();
  }
  return out;
}

}  // namespace fncard::hw_sim
