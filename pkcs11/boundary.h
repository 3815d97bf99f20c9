// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <new>
#include <string_view>

#include "pkcs11/status.h"

namespace fncard::pkcs11 {

inline constexpr CK_VERSION kVersion240{2, 40};

/// One call of a C function: leaves no error in the host's OpenSSL queue, and logs when asked to.
class BoundaryCall {
 public:
  explicit BoundaryCall(std::string_view function) noexcept;
  [[nodiscard]] CK_RV answer(CK_RV rv, std::string_view detail = {}) const noexcept;

 private:
  std::string_view function_;
  std::chrono::steady_clock::time_point began_;
};

/// Calls a twin and turns what comes back into a code, also an exception: nothing is thrown into
/// the host.
template <typename Twin>
CK_RV answer(std::string_view function, const Twin& twin) noexcept {
  const BoundaryCall call(function);
  try {
    const Status status = twin();
    return status ? call.answer(CKR_OK) : call.answer(status.error().rv, status.error().detail);
  } catch (const std::bad_alloc&) {
    return call.answer(CKR_HOST_MEMORY, "out of memory");
  } catch (...) {
    return call.answer(CKR_GENERAL_ERROR, "exception");
  }
}

}  // namespace fncard::pkcs11
