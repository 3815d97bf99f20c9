// SPDX-License-Identifier: Apache-2.0
// The simulator's timing file: a model that is read gives times that end.
#include "hw-sim/timing.h"

#include <array>

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  using namespace fncard::hw_sim;
  const auto model = timingFromToml(fuzz::asText(bytes, size));
  if (!model) {
    fuzz::require(!model.error().empty(), "an error has a sentence");
    return 0;
  }
  constexpr std::chrono::minutes kLongest{10};
  fuzz::require(model->bytesToCard >= 1 && model->bytesFromCard >= 1 && model->read >= 1,
                "no rate is zero");
  TimingMeter meter(*model);
  fuzz::require(meter.powerOn() <= kLongest, "power on has a limit");
  const Bytes response(258);
  constexpr std::array<std::uint8_t, 7> kInstructions{0xA4, 0xCB, 0xC0, 0x20, 0x87, 0x47, 0xDB};
  for (const std::uint8_t instruction : kInstructions) {
    const Bytes command{0x00, instruction, 0x00, 0x9C, 0x00};
    const auto time = meter.exchange({.command = command, .response = response, .writes = 1});
    fuzz::require(time.count() >= 0 && time <= 10 * kLongest, "an exchange ends");
  }
  return 0;
}
