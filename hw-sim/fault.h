// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "card/wire/bytes.h"

namespace fncard::hw_sim {

/// When a fault happens, in relation to the command it waits for.
enum class FaultMoment {
  Before,  ///< the card has not seen the command
  During,  ///< as the card begins to store; it has done the command when it stores nothing
  After,   ///< the card has done the command
  At       ///< to the answer
};

enum class FaultAction {
  // to card and reader
  Remove,
  Reset,
  PowerCut,
  Swap,
  SwapSilently,
  Unplug,
  // to the answer
  Answer,
  Truncate,
  Oversize,
  Nonsense,
  Endless,
  Delay,
  Mute
};

/// One line of the language of hw-sim/README.md, as values.
struct Fault {
  FaultMoment moment = FaultMoment::At;
  std::optional<std::uint8_t> instruction;  ///< counts only commands that have it
  unsigned count = 1;                       ///< the next such command is 1
  FaultAction action = FaultAction::Mute;
  Bytes answer;  ///< Answer: all of it, with its status word
  unsigned number =
      0;             ///< Truncate, Oversize: bytes; Delay: milliseconds; During: the write, from 1
  std::string file;  ///< Swap, SwapSilently
};

/// Most faults that can wait, and longest line.
inline constexpr std::size_t kMaxFaults = 1'000;
inline constexpr std::size_t kMaxFaultLine = 1'024;

/// One fault; the error is a sentence without full stop.
tl::expected<Fault, std::string> faultFromLine(std::string_view line);

/// One fault a line; empty lines and lines that begin with # are nothing. The error names the line.
tl::expected<std::vector<Fault>, std::string> faultsFromText(std::string_view text);

/// The line that gives this fault.
std::string toLine(const Fault& fault);

/// The faults that wait for their command.
class FaultPlan {
 public:
  /// false: there are kMaxFaults already.
  bool add(Fault fault);
  void clear() { waiting_.clear(); }
  [[nodiscard]] const std::vector<Fault>& waiting() const { return waiting_; }

  /// Counts this raw command and takes out the faults that it was awaited by, in their order.
  std::vector<Fault> due(ByteView command);

 private:
  std::vector<Fault> waiting_;
};

}  // namespace fncard::hw_sim
