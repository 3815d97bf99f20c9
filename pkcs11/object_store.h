// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "pkcs11/object.h"

namespace fncard::pkcs11 {

/// The objects of one token: those of the card, and those that sessions made. Private ones exist
/// only while the user is logged in; a handle from before a logout stays dead.
class ObjectStore {
 public:
  /// Objects of the card, all or none.
  Status addAll(std::vector<std::shared_ptr<const Object>> objects);
  /// owner: the session that a session object dies with, CK_INVALID_HANDLE for objects of the card.
  Result<CK_OBJECT_HANDLE> add(std::shared_ptr<const Object> object,
                               CK_SESSION_HANDLE owner = CK_INVALID_HANDLE);

  [[nodiscard]] Result<std::shared_ptr<const Object>> find(CK_OBJECT_HANDLE handle,
                                                           bool loggedIn) const;
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> match(std::span<const CK_ATTRIBUTE> wanted,
                                                    bool loggedIn) const;

  /// Puts what change() makes of an object in its place, in one step: of two changes at the same
  /// time one sees what the other has done. change() uses no store.
  using Change = std::function<Result<std::shared_ptr<const Object>>(const Object&)>;
  Status change(CK_OBJECT_HANDLE handle, bool loggedIn, const Change& change);

  /// Session objects only: CKR_ACTION_PROHIBITED for objects of the card, and for those that say
  /// so.
  Status destroy(CK_OBJECT_HANDLE handle, bool loggedIn);

  /// The user logged out: private session objects go, private objects of the card get new handles.
  Status endLogin();
  void endSession(CK_SESSION_HANDLE session);

 private:
  struct Entry {
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    CK_SESSION_HANDLE owner = CK_INVALID_HANDLE;
    std::shared_ptr<const Object> object;
  };
  Result<CK_OBJECT_HANDLE> freshHandle() const;
  std::vector<Entry>::const_iterator position(CK_OBJECT_HANDLE handle) const;

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace fncard::pkcs11
