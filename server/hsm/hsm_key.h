// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/hsm/token.h"

namespace fncard::server::hsm {

/// An EVP_PKEY with the public key of a label's pair and a private operation that runs in the
/// token. It holds the token open.
Result<Key> makeKey(const std::shared_ptr<Token>& token, const std::string& label);

}  // namespace fncard::server::hsm
