// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/rsa_raw.h"

#include <algorithm>

namespace fncard::pkcs11::rsa_raw {

Result<Bytes> block(ByteView data, ByteView modulus) {
  if (data.size() > modulus.size()) {
    return refuse(CKR_DATA_LEN_RANGE, "longer than the modulus");
  }
  Bytes number(modulus.size() - data.size(), 0x00);
  number.insert(number.end(), data.begin(), data.end());
  if (!std::ranges::lexicographical_compare(number, modulus)) {
    return refuse(CKR_DATA_INVALID, "not below the modulus");
  }
  return number;
}

}  // namespace fncard::pkcs11::rsa_raw
