// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>

#include "pkcs11/boundary.h"
#include "pkcs11/log.h"

namespace fncard::pkcs11 {

BoundaryCall::BoundaryCall(std::string_view function) noexcept
    : function_(function), began_(std::chrono::steady_clock::now()) {
  ERR_set_mark();
}

CK_RV BoundaryCall::answer(CK_RV rv, std::string_view detail) const noexcept {
  ERR_pop_to_mark();
  if (logEnabled()) {
    try {
      logCall(function_, rv,
              std::chrono::duration_cast<std::chrono::microseconds>(
                  std::chrono::steady_clock::now() - began_),
              detail);
    } catch (...) {
      return rv;  // a line of the log less
    }
  }
  return rv;
}

}  // namespace fncard::pkcs11
