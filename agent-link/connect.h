// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include "agent-link/descriptor.h"
#include "agent-link/pin_request.h"

namespace fncard::agent_link {

/// A connection to this user's agent, which does not block. NoAgent, Busy, or Refused when another
/// user listens there.
tl::expected<Descriptor, Error> connectToAgent();

}  // namespace fncard::agent_link
