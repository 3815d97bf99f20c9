// SPDX-License-Identifier: Apache-2.0
// Printed Information (SP 800-73-4 part 1 table 14), which is shown to people.
#include "card/piv/administration.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  namespace piv = card::piv;
  const auto printed = piv::parsePrintedInformation({bytes, size});
  if (!printed) {
    fuzz::require(printed.error().code == card::ErrorCode::Malformed, "refused as malformed");
    return 0;
  }
  fuzz::require(printed->name.size() <= 125 && printed->cardNumber.size() <= 20,
                "texts have the sizes of the standard");
  for (const std::string& text : {printed->name, printed->cardNumber}) {
    for (const char c : text) {
      fuzz::require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "no control characters");
    }
  }
  fuzz::require(printed->expiry.empty() || printed->expiry.size() == 10, "a date has its form");
  const auto again = piv::parsePrintedInformation(piv::encodePrintedInformation(*printed));
  fuzz::require(again && again->name == printed->name && again->expiry == printed->expiry &&
                    again->cardNumber == printed->cardNumber,
                "what is written reads the same");
  return 0;
}
