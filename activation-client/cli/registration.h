// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "activation-client/cli/output.h"

namespace fncard::activation_client {

struct RegistrationOptions {
  std::string module;  ///< what browsers load
};

/// Where a package of this build has the module.
std::string installedModule();

/// Names the module in the databases of this user's browsers, or takes it out of them. Databases
/// of running browsers are left alone and told; both may be repeated.
int runRegister(const RegistrationOptions& options, const Output& output);
int runUnregister(const RegistrationOptions& options, const Output& output);

}  // namespace fncard::activation_client
