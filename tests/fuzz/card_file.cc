// SPDX-License-Identifier: Apache-2.0
// The simulated card's file: what is read is a card, and is written so that it reads the same.
#include "hw-sim/card_state.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  const auto state = hw_sim::cardStateFromJson(fuzz::asText(bytes, size));
  if (!state) {
    fuzz::require(!state.error().empty(), "an error has a sentence");
    return 0;
  }
  for (const hw_sim::Reference& reference : {state->pin, state->puk}) {
    fuzz::require(reference.value.size() == 8 && reference.triesLeft <= reference.triesLimit &&
                      reference.triesLimit <= 15,
                  "PIN and PUK have the form that the card compares and counts");
  }
  fuzz::require(state->management.key.size() == hw_sim::keySize(state->management.cipher),
                "the administration key fits its cipher");
  const std::string written = hw_sim::toJson(*state);
  const auto again = hw_sim::cardStateFromJson(written);
  fuzz::require(again && hw_sim::toJson(*again) == written, "what is written reads the same");
  (void)hw_sim::describe(*state);
  (void)hw_sim::describeAsJson(*state);
  return 0;
}
