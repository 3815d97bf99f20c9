// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "hw-sim/card_memory.h"

namespace fncard::hw_sim {

/// Another application on the same card, as real cards have them: some other program selects it,
/// and then VERIFY of key reference 80 counts the tries of a PIN of its own. It knows SELECT and
/// VERIFY; everything else is 6D00.
class ForeignApplication {
 public:
  /// A name of the proprietary category (ISO/IEC 7816-5): F0 and "fncard".
  static constexpr std::array<std::uint8_t, 7> kApplicationId = {0xF0, 'f', 'n', 'c',
                                                                 'a',  'r', 'd'};

  explicit ForeignApplication(CardMemory& memory) : memory_(memory) {}

  [[nodiscard]] static bool isNamedBy(ByteView name);
  wire::ResponseApdu process(const wire::CommandApdu& command);

 private:
  wire::ResponseApdu verify(const wire::CommandApdu& command);

  CardMemory& memory_;
};

}  // namespace fncard::hw_sim
