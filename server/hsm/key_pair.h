// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/hsm/token.h"

/// Keys made in the token with the attributes that keep them there.
namespace fncard::server::hsm {

/// A sensitive, non-extractable token key pair that signs and does nothing else.
Result<void> makeKeyPair(Token& token, const std::string& label, KeyType type);

/// An AES-256 token key, sensitive and non-extractable, for C_Sign (CKM_AES_CMAC) alone.
Result<void> makeDerivationKey(Token& token, const std::string& label);

}  // namespace fncard::server::hsm
