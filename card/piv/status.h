// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/error.h"

namespace fncard::card::piv {

/// The one place where status words of the PIV commands become errors (SP 800-73-4 part 2, each
/// command's table). what names the command, for the log.
Error toError(wire::StatusWord status, std::string_view what);

}  // namespace fncard::card::piv
