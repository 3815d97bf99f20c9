// SPDX-License-Identifier: Apache-2.0
#include "agent/native/callers.h"

namespace fncard::agent::native {

bool isOurExtension(std::span<const char* const> arguments) {
  return (arguments.size() == 1 && arguments[0] == kChromiumOrigin) ||
         (arguments.size() == 2 && arguments[1] == kFirefoxId);
}

}  // namespace fncard::agent::native
