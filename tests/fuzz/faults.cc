// SPDX-License-Identifier: Apache-2.0
// The simulator's language of faults: what is read stays in its bounds, and its line says the same.
#include "hw-sim/fault.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;
using namespace fncard::hw_sim;

void checkFault(const Fault& fault) {
  fuzz::require(fault.count >= 1, "a fault waits for a command");
  fuzz::require(fault.number <= 600'000, "sizes and delays have limits");
  const std::string line = toLine(fault);
  const auto again = faultFromLine(line);
  fuzz::require(again && toLine(*again) == line, "a fault's line reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto faults = faultsFromText(fuzz::asText(bytes, size));
  if (!faults) {
    fuzz::require(!faults.error().empty(), "an error has a sentence");
    return 0;
  }
  fuzz::require(faults->size() <= kMaxFaults, "so many faults can wait");
  FaultPlan plan;
  for (const Fault& fault : *faults) {
    checkFault(fault);
    fuzz::require(plan.add(fault), "every fault of a file can wait");
  }
  constexpr std::uint8_t kLastInstruction = 0xFF;
  for (unsigned instruction = 0; instruction <= kLastInstruction; ++instruction) {
    const std::size_t before = plan.waiting().size();
    const Bytes command{0x00, static_cast<std::uint8_t>(instruction), 0x00, 0x00};
    fuzz::require(plan.due(command).size() + plan.waiting().size() == before,
                  "a fault waits or happens");
  }
  return 0;
}
