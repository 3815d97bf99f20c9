// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "card/pin.h"
#include "card/wire/apdu.h"

namespace fncard::card::piv {

/// A command whose data is wiped whatever happens.
struct WipedCommand {
  explicit WipedCommand(wire::CommandApdu value) : command(std::move(value)) {}
  ~WipedCommand() { wipe(command.data); }
  WipedCommand(const WipedCommand&) = delete;
  WipedCommand& operator=(const WipedCommand&) = delete;
  wire::CommandApdu command;
};

}  // namespace fncard::card::piv
