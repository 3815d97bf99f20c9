// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include "card/signature_input.h"

namespace fncard::agent::operations {

/// True when signature is key's over message: PKCS#1 v1.5, or r and s side by side.
bool verifiesRaw(EVP_PKEY* key, card::Hash hash, ByteView message, ByteView signature);

}  // namespace fncard::agent::operations
