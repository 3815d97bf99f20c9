// SPDX-License-Identifier: Apache-2.0
// FASC-N and card number (docs/card-profile.md): each has one form of the other.
#include "card/piv/fascn.h"

#include <algorithm>

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  namespace piv = card::piv;
  const ByteView input(bytes, size);
  if (const auto number = piv::cardNumberOf(input)) {
    fuzz::require(piv::isCardNumber(*number), "a card number has its form");
    fuzz::require(std::ranges::equal(piv::encodeFascn(*number), input),
                  "a FASC-N is written as it was read");
  }
  const std::string_view text = fuzz::asText(bytes, size);
  const auto read = piv::cardNumberOf(piv::encodeFascn(text));
  fuzz::require(piv::isCardNumber(text) ? read == text : !read,
                "only a card number makes a FASC-N that names a card");
  return 0;
}
