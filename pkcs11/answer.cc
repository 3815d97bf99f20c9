// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>

#include <chrono>
#include <new>

#include "pkcs11/boundary.h"
#include "pkcs11/log.h"

namespace fncard::pkcs11 {

namespace {

Status guarded(const std::function<Status()>& twin) {
  try {
    return twin();
  } catch (const std::bad_alloc&) {
    return Refusal(Failure{.rv = CKR_HOST_MEMORY, .detail = {}});
  } catch (...) {
    return Refusal(Failure{.rv = CKR_GENERAL_ERROR, .detail = {}});
  }
}

}  // namespace

CK_RV answer(std::string_view function, const std::function<Status()>& twin) noexcept {
  const auto began = std::chrono::steady_clock::now();
  ERR_set_mark();
  const Status status = guarded(twin);
  ERR_pop_to_mark();
  const CK_RV rv = status ? CKR_OK : status.error().rv;
  if (logEnabled()) {
    try {
      logCall(function, rv,
              std::chrono::duration_cast<std::chrono::microseconds>(
                  std::chrono::steady_clock::now() - began),
              status ? std::string_view() : std::string_view(status.error().detail));
    } catch (...) {
      return rv;  // a line of the log less
    }
  }
  return rv;
}

}  // namespace fncard::pkcs11
