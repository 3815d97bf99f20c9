// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "pkcs11/provider.h"

/// The one Provider of the process, between C_Initialize and C_Finalize.
namespace fncard::pkcs11::module {

/// CKR_CRYPTOKI_ALREADY_INITIALIZED. A child after fork() starts anew: what it had from its parent
/// is left alone, because the connections to the reader service are still the parent's.
Status start();
Status stop();
/// CKR_CRYPTOKI_NOT_INITIALIZED.
Result<std::shared_ptr<Provider>> provider();

/// Where start() gets readers and cards from, when not from PC/SC: for tests in the process.
void setPlatform(std::function<Platform()> platform);

}  // namespace fncard::pkcs11::module
