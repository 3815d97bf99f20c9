// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/hsm/hsm.h"

/// The embedded default: SoftHSM2 with a token directory of our own, so that nothing has to be set
/// up beforehand.
namespace fncard::server::hsm {

/// The installed SoftHSM2 library; an error names the package to install.
Result<std::string> findSoftHsm();

/// Points SoftHSM2 (SOFTHSM2_CONF) to a copy of the token in a directory, which is this process's
/// alone and gone with it (token_copy.h says why): keys that are made in it are lost. SoftHSM2
/// reads the variable in C_Initialize: call this first in main(), before any thread and any Hsm.
Result<void> useSoftHsm(const std::string& directory);

/// Makes directory (mode 0700), its configuration and a token with a random user PIN, which is
/// written to the new file pinFile (mode 0600). The Hsm that is opened next works on it, and makes
/// its keys. The security officer's PIN is random and forgotten: who loses the user PIN has lost
/// the token. Refuses what is there already.
Result<Options> makeSoftHsmToken(const std::string& directory, const std::string& label,
                                 const std::string& pinFile);

}  // namespace fncard::server::hsm
