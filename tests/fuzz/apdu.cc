// SPDX-License-Identifier: Apache-2.0
// Command and response APDUs: each has one encoding, so what is read is written as it was.
#include "card/wire/apdu.h"

#include <algorithm>

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  const ByteView input(bytes, size);
  bool extended = false;
  if (const auto command = wire::CommandApdu::parse(input, &extended)) {
    fuzz::require(command->data.size() <= wire::kMaxExtendedData, "Nc has a limit");
    fuzz::require(command->le <= wire::kMaxExtendedResponse, "Ne has a limit");
    fuzz::require(extended || command->fitsShort(), "a short command fits the short form");
    fuzz::require(std::ranges::equal(command->encode(extended), input),
                  "a command is written as it was read");
  }
  if (const auto response = wire::ResponseApdu::parse(input)) {
    fuzz::require(response->data.size() <= wire::kMaxExtendedResponse, "Nr has a limit");
    fuzz::require(std::ranges::equal(response->encode(), input),
                  "a response is written as it was read");
  }
  return 0;
}
