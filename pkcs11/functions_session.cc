// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "pkcs11/functions.h"
#include "pkcs11/with_session.h"

namespace fncard::pkcs11 {

namespace {

/// A PIN of a caller (not NULL), whose buffer stays as it is. malformed is the code for what has
/// the length of a PIN but is none. The card is not asked about any of these.
Result<card::Pin> readPin(const CK_UTF8CHAR* text, CK_ULONG size, CK_RV malformed) {
  if (size < card::Pin::kMinDigits || size > card::Pin::kMaxDigits) {
    return refuse(CKR_PIN_LEN_RANGE, "a PIN has 6 to 8 digits");
  }
  std::array<char, card::Pin::kMaxDigits> copy{};
  std::copy_n(text, size, copy.begin());
  auto pin = card::Pin::take(std::span(copy).first(size));
  if (!pin) {
    return refuse(malformed, "a PIN has digits only");
  }
  return std::move(*pin);
}

/// NULL is a PIN that the person types elsewhere, where the token has such a way (PKCS #11 §5.6.8).
Result<GivenPin> readLoginPin(const Token& token, const CK_UTF8CHAR* text, CK_ULONG size) {
  if (text == nullptr) {
    return token.takesPinItself() ? Result<GivenPin>(GivenPin()) : nullArgument("PIN");
  }
  auto pin = readPin(text, size, CKR_PIN_INCORRECT);
  return pin ? Result<GivenPin>(std::move(*pin)) : passOn(pin);
}

}  // namespace

Status openSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE_PTR session) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (auto found = (*provider)->slot(slot); !found) {
    return passOn(found);
  }
  if (session == nullptr) {
    return nullArgument("session");
  }
  if ((flags & CKF_SERIAL_SESSION) == 0) {
    return refuse(CKR_SESSION_PARALLEL_NOT_SUPPORTED, "CKF_SERIAL_SESSION is wanted");
  }
  if ((flags & CKF_ASYNC_SESSION) != 0) {
    return refuse(CKR_SESSION_ASYNC_NOT_SUPPORTED, "nothing goes on in the background");
  }
  auto opened = (*provider)->openSession(slot, flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION));
  if (!opened) {
    return passOn(opened);
  }
  *session = *opened;
  return {};
}

Status closeSession(CK_SESSION_HANDLE session) {
  auto provider = module::provider();
  return provider ? (*provider)->closeSession(session) : passOn(provider);
}

Status closeAllSessions(CK_SLOT_ID slot) {
  auto provider = module::provider();
  return provider ? (*provider)->closeAllSessions(slot) : passOn(provider);
}

Status getSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO_PTR info) {
  return withSession(handle, Look::First, [&](Provider&, Session& session) -> Status {
    if (info == nullptr) {
      return nullArgument("info");
    }
    *info = {};
    info->slotID = session.slot();
    info->state = session.state();
    info->flags = session.flags();
    return {};
  });
}

Status login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR_PTR text, CK_ULONG size) {
  return withSession(handle, Look::First, [&](Provider& provider, Session& session) -> Status {
    // nobody but its holder has a login on this card
    if (user != CKU_USER && user != CKU_CONTEXT_SPECIFIC) {
      return refuse(CKR_USER_TYPE_INVALID, "the card has no such user");
    }
    if (user == CKU_USER && session.token().loggedIn()) {
      return refuse(CKR_USER_ALREADY_LOGGED_IN, "logged in");
    }
    auto pin = readLoginPin(session.token(), text, size);
    if (!pin) {
      return passOn(pin);
    }
    return user == CKU_USER ? provider.login(session, std::move(*pin))
                            : session.contextLogin(std::move(*pin));
  });
}

Status loginUser(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR_PTR text, CK_ULONG size,
                 CK_UTF8CHAR_PTR name, CK_ULONG nameSize) {
  if (nameSize == 0) {
    return login(handle, user, text, size);
  }
  return withSession(handle, [&](Session&) -> Status {
    return name == nullptr ? nullArgument("user name") : badArgument("the card's user has no name");
  });
}

Status logout(CK_SESSION_HANDLE handle) {
  return withSession(handle, Look::No,
                     [](Provider& provider, Session& session) { return provider.logout(session); });
}

Status setPin(CK_SESSION_HANDLE handle, CK_UTF8CHAR_PTR oldText, CK_ULONG oldSize,
              CK_UTF8CHAR_PTR newText, CK_ULONG newSize, CK_RV weak) {
  return withSession(handle, Look::First, [&](Provider&, Session& session) -> Status {
    const bool onPad = oldText == nullptr && newText == nullptr && session.token().takesPinItself();
    if (!onPad && (oldText == nullptr || newText == nullptr)) {
      return nullArgument("PIN");
    }
    if (!session.readWrite()) {
      return refuse(CKR_SESSION_READ_ONLY, "a read/write session is wanted");
    }
    if (onPad) {
      return session.token().changePinOnPad();
    }
    const auto current = readPin(oldText, oldSize, CKR_PIN_INCORRECT);
    if (!current) {
      return Refusal(current.error());
    }
    const auto next = readPin(newText, newSize, CKR_PIN_INVALID);
    if (!next) {
      return Refusal(next.error());
    }
    if (card::weaknessOf(*next) != card::PinWeakness::None) {
      return refuse(weak, "one digit only, or a run");
    }
    return session.token().changePin(*current, *next);
  });
}

Status sessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
  return withSession(handle, [&](Session& session) -> Status {
    session.cancel(flags);
    return {};
  });
}

Status getSessionValidationFlags(CK_SESSION_HANDLE handle, CK_ULONG type, CK_FLAGS* flags) {
  constexpr CK_ULONG kLastValidationOk = 1;  // CKS_LAST_VALIDATION_OK
  return withSession(handle, [&](Session&) -> Status {
    if (flags == nullptr || type != kLastValidationOk) {
      return badArgument("flags is NULL, or of another type");
    }
    *flags = 0;
    return {};
  });
}

Status seedRandom(CK_SESSION_HANDLE handle, CK_BYTE_PTR seed, CK_ULONG size) {
  return withSession(handle, [&](Session&) -> Status {
    if (seed == nullptr && size != 0) {
      return nullArgument("seed");
    }
    return refuse(CKR_RANDOM_SEED_NOT_SUPPORTED, "the system seeds itself");
  });
}

Status generateRandom(CK_SESSION_HANDLE handle, CK_BYTE_PTR random, CK_ULONG size) {
  return withSession(handle, [&](Session&) -> Status {
    if (random == nullptr && size != 0) {
      return nullArgument("random");
    }
    return randomBytes(std::span(random, size));
  });
}

Status notParallel(CK_SESSION_HANDLE handle) {
  return withSession(handle, [](Session&) -> Status {
    return refuse(CKR_FUNCTION_NOT_PARALLEL, "a function of old versions");
  });
}

}  // namespace fncard::pkcs11
