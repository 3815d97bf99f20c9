// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/error.h"

namespace fncard::card::piv {

/// What a status word is an answer to: the same one means something else after another command.
enum class After {
  Command,    ///< that needs no PIN
  Protected,  ///< what the card may want the PIN for: 6982 is NotLoggedIn
  Pin         ///< VERIFY and its kin: 63Cx and 6983 are about the PIN or PUK that it had
};

/// The one place where status words of the PIV commands become errors (SP 800-73-4 part 2, each
/// command's table). what names the command, for the log.
Error toError(wire::StatusWord status, std::string_view what, After after = After::Command);

/// What an application says that does not know the command or the object. Any other status word may
/// come from ours in trouble, and proves nothing.
bool isAnothers(wire::StatusWord status);

}  // namespace fncard::card::piv
