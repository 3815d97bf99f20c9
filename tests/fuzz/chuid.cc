// SPDX-License-Identifier: Apache-2.0
// The CHUID (SP 800-73-4 part 1 table 9), which names the card before anyone logs in.
#include "card/piv/administration.h"
#include "card/piv/fascn.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  namespace piv = card::piv;
  const auto identity = piv::parseChuid({bytes, size});
  if (!identity) {
    fuzz::require(identity.error().code == card::ErrorCode::Malformed, "refused as malformed");
    return 0;
  }
  fuzz::require(identity->cardNumber.empty() || piv::isCardNumber(identity->cardNumber),
                "a card number has its form");
  fuzz::require(identity->expiry.empty() || identity->expiry.size() == 10, "a date has its form");
  const auto again = piv::parseChuid(piv::encodeChuid(*identity));
  fuzz::require(again && *again == *identity, "what is written reads the same");
  (void)piv::encodeCcc(*identity);
  return 0;
}
