// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/module_client.h"

namespace fncard::test {

/// The built module, loaded as an application loads it, on the card that scripts/with-card made. A
/// step that every test needs to succeed fails the test where it does not.
class LoadedModule {
 public:
  LoadedModule();
  const CK_FUNCTION_LIST* operator->() const { return library_.functions(); }
  [[nodiscard]] ModuleClient client() const { return ModuleClient(library_.functions()); }

  CK_SESSION_HANDLE open(CK_SLOT_ID slot = 0) const;
  CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user = CKU_USER) const;
  std::vector<CK_OBJECT_HANDLE> findAll(CK_SESSION_HANDLE session) const;
  /// The private key of a CKA_ID, after a login.
  PrivateKey privateKey(CK_SESSION_HANDLE session, CK_BYTE id) const;
  /// One whole signature: init, the PIN again, sign.
  CK_RV sign(CK_SESSION_HANDLE session, const PrivateKey& key) const;
  /// Initialises, opens, logs in and signs; the first code that is not CKR_OK.
  CK_RV signFromTheBeginning(int signatures) const;
  void initialize() const;
  void finalize() const;

 private:
  ModuleLibrary library_;
};

/// Command APDUs that the card has seen so far.
std::size_t apduCount();

/// fncard-sim control: insert, remove, reset, fault before N remove …
void simulator(const std::string& command);

}  // namespace fncard::test
