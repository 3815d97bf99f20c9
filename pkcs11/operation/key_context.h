// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pkcs11/crypto.h"
#include "pkcs11/object.h"

struct evp_pkey_ctx_st;

namespace fncard::pkcs11 {

struct FreeKeyContext {
  void operator()(evp_pkey_ctx_st* context) const;
};
using KeyContext = std::unique_ptr<evp_pkey_ctx_st, FreeKeyContext>;

/// OpenSSL's context for one operation with the public half of a key.
Result<KeyContext> keyContext(const KeyInfo& key);
bool setDigest(evp_pkey_ctx_st* context, Hash hash);
bool setMgfDigest(evp_pkey_ctx_st* context, Hash hash);

}  // namespace fncard::pkcs11
