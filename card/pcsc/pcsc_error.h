// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <winscard.h>

#include "card/error.h"

namespace fncard::card::pcsc {

/// The one place where PC/SC codes become ours. call is the function's name, for the log.
Error toError(LONG code, std::string_view call);

/// The same for a connection that was open: whatever took the service, the reader or the card away,
/// the connection is gone, and only opening anew tells what is there now.
Error toConnectionError(LONG code, std::string_view call);

/// The service went away or was started anew: the context is worth nothing any more.
bool serviceLost(LONG code);

}  // namespace fncard::card::pcsc
