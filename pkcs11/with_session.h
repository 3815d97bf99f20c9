// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pkcs11/module.h"

namespace fncard::pkcs11 {

/// Whether the readers are asked first if the card of the session is still there. Calls that use
/// the card learn it from the card.
enum class Look { No, First };

/// Finds the session of a handle and calls action(provider, session).
template <typename Action>
Status withSession(CK_SESSION_HANDLE handle, Look look, Action action) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (look == Look::First) {
    (*provider)->refresh();
  }
  auto session = (*provider)->session(handle);
  if (!session) {
    return passOn(session);
  }
  return action(**provider, **session);
}

/// As above for what concerns the session alone and asks nobody.
template <typename Action>
Status withSession(CK_SESSION_HANDLE handle, Action action) {
  return withSession(handle, Look::No,
                     [&](Provider&, Session& session) { return action(session); });
}

}  // namespace fncard::pkcs11
