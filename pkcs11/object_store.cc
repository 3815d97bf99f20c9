// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/object_store.h"

#include <algorithm>

#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

std::vector<ObjectStore::Entry>::const_iterator ObjectStore::position(
    CK_OBJECT_HANDLE handle) const {
  return std::ranges::find(entries_, handle, &Entry::handle);
}

Result<CK_OBJECT_HANDLE> ObjectStore::freshHandle() const {
  for (;;) {
    auto handle = randomHandle();
    if (!handle || position(*handle) == entries_.end()) {
      return handle;
    }
  }
}

Result<CK_OBJECT_HANDLE> ObjectStore::add(std::shared_ptr<const Object> object,
                                          CK_SESSION_HANDLE owner) {
  const std::lock_guard lock(mutex_);
  auto handle = freshHandle();
  if (handle) {
    entries_.push_back({.handle = *handle, .owner = owner, .object = std::move(object)});
  }
  return handle;
}

Status ObjectStore::addAll(std::vector<std::shared_ptr<const Object>> objects) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = entries_.size();
  for (auto& object : objects) {
    auto handle = freshHandle();
    if (!handle) {
      entries_.resize(before);
      return passOn(handle);
    }
    entries_.push_back({.handle = *handle, .object = std::move(object)});
  }
  return {};
}

Result<std::shared_ptr<const Object>> ObjectStore::find(CK_OBJECT_HANDLE handle,
                                                        bool loggedIn) const {
  const std::lock_guard lock(mutex_);
  const auto found = position(handle);
  if (found == entries_.end() || (found->object->isPrivate() && !loggedIn)) {
    return objectUnknown();
  }
  return found->object;
}

std::vector<CK_OBJECT_HANDLE> ObjectStore::match(std::span<const CK_ATTRIBUTE> wanted,
                                                 bool loggedIn) const {
  const std::lock_guard lock(mutex_);
  std::vector<CK_OBJECT_HANDLE> handles;
  for (const Entry& entry : entries_) {
    if ((loggedIn || !entry.object->isPrivate()) && entry.object->matches(wanted)) {
      handles.push_back(entry.handle);
    }
  }
  return handles;
}

Status ObjectStore::change(CK_OBJECT_HANDLE handle, bool loggedIn, const Change& change) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, handle, &Entry::handle);
  if (found == entries_.end() || (found->object->isPrivate() && !loggedIn)) {
    return objectUnknown();
  }
  auto changed = change(*found->object);
  if (!changed) {
    return passOn(changed);
  }
  found->object = std::move(*changed);
  return {};
}

Status ObjectStore::destroy(CK_OBJECT_HANDLE handle, bool loggedIn) {
  const std::lock_guard lock(mutex_);
  const auto found = position(handle);
  if (found == entries_.end() || (found->object->isPrivate() && !loggedIn)) {
    return objectUnknown();
  }
  if (found->owner == CK_INVALID_HANDLE || !found->object->allows(CKA_DESTROYABLE)) {
    return refuse(CKR_ACTION_PROHIBITED, "not an object to destroy");
  }
  entries_.erase(found);
  return {};
}

Status ObjectStore::endLogin() {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const Entry& entry) {
    return entry.owner != CK_INVALID_HANDLE && entry.object->isPrivate();
  });
  for (Entry& entry : entries_) {
    if (entry.object->isPrivate()) {
      auto handle = freshHandle();
      if (!handle) {
        return passOn(handle);
      }
      entry.handle = *handle;
    }
  }
  return {};
}

void ObjectStore::endSession(CK_SESSION_HANDLE session) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [session](const Entry& entry) { return entry.owner == session; });
}

}  // namespace fncard::pkcs11
