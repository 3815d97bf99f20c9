// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "agent-link/pin_request.h"
#include "card/pin.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// Whether a call that waits for a person still has a reason to: C_Finalize, the end of its session
/// and a card that was taken out are failures. Asked a few times a second, from another thread.
using StillWanted = std::function<Status()>;

/// Asks the person for the PIN in the agent's window. CKR_FUNCTION_CANCELED when they cancel or do
/// not answer; CKR_FUNCTION_FAILED when there is no agent, or it does not take the question; what
/// stillWanted says when the wait is for nothing. No lock of the module and no transaction may be
/// held.
Result<card::Pin> askByAgent(const agent_link::PinRequest& request, const StillWanted& stillWanted);

}  // namespace fncard::pkcs11
