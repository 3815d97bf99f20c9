// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pkcs11/object.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11::ecdh {

/// CKM_ECDH1_DERIVE and its cofactor form, which is the same on these curves (PKCS #11 §2.3.8): the
/// card's shared secret, as it is or through the KDF of ANSI X9.63, as a secret key of a session.
/// The public point comes raw or as DER OCTET STRING. CKR_TEMPLATE_INCONSISTENT,
/// CKR_TEMPLATE_INCOMPLETE, CKR_KEY_SIZE_RANGE for a key that cannot be made of it.
Result<std::shared_ptr<const Object>> derive(Token& token, const CK_MECHANISM& mechanism,
                                             const Object& key,
                                             std::span<const CK_ATTRIBUTE> wanted);

}  // namespace fncard::pkcs11::ecdh
