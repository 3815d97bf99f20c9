// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/status.h"

namespace fncard::pkcs11::rsa_raw {

/// data as a number below the modulus, of the size of the modulus (CKM_RSA_X_509, PKCS #11 §2.1.7).
/// CKR_DATA_LEN_RANGE when it is longer, CKR_DATA_INVALID when it is not below.
Result<Bytes> block(ByteView data, ByteView modulus);

}  // namespace fncard::pkcs11::rsa_raw
