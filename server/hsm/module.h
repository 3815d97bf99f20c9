// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>

#include "server/hsm/hsm.h"

namespace fncard::server::hsm {

/// A use of a loaded and initialised PKCS#11 library. A library may be initialised once in a
/// process (PKCS#11 2.40 §5.4), so the first use initialises it and the last one finalises it.
class Module {
 public:
  static Result<std::shared_ptr<Module>> load(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  CK_FUNCTION_LIST* operator->() const { return functions_; }

 private:
  Module(std::string path, CK_FUNCTION_LIST* functions)
      : path_(std::move(path)), functions_(functions) {}

  std::string path_;
  CK_FUNCTION_LIST* functions_;
};

/// "The HSM refused C_Login: CKR_PIN_INCORRECT; check the PIN in hsm.pinFile."
tl::unexpected<Error> callFailed(const char* call, CK_RV rv);

}  // namespace fncard::server::hsm
