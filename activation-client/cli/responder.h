// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "activation-client/cli/commands.h"
#include "documents/verification.h"

namespace fncard::activation_client {

/// Asks the responders that certificates name, over HTTP; nobody when offline.
documents::AskResponder responder(const Settings& settings, bool offline);

}  // namespace fncard::activation_client
