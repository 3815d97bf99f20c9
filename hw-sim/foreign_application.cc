// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/foreign_application.h"

#include <algorithm>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {

namespace sw = wire::sw;
using wire::CommandApdu;
using wire::ResponseApdu;

bool ForeignApplication::isNamedBy(ByteView name) {
  return std::equal(name.begin(), name.end(), kApplicationId.begin(), kApplicationId.end());
}

ResponseApdu ForeignApplication::process(const CommandApdu& command) {
  switch (command.ins) {
    case piv::instruction::kSelect:
      return {.status = isNamedBy(command.data) ? sw::kOk : sw::kNotFound};
    case piv::instruction::kVerify:
      return verify(command);
    default:
      return {.status = sw::kInstructionNotSupported};
  }
}

/// Nothing here stays verified: no command of this application asks for it.
ResponseApdu ForeignApplication::verify(const CommandApdu& command) {
  if (command.p1 != 0x00) {
    return {.status = sw::kIncorrectP1P2};
  }
  if (command.p2 != piv::kPinReference) {
    return {.status = sw::kReferenceNotFound};
  }
  if (command.data.empty()) {
    return {.status = triesLeft(memory_.state().foreignPin.triesLeft)};
  }
  return {.status = memory_.compare(&CardState::foreignPin, command.data)};
}

}  // namespace fncard::hw_sim
