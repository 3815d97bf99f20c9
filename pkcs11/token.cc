// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/token.h"

#include "card/wire/bytes.h"

namespace fncard::pkcs11 {

namespace {

std::string serialNumberOf(const card::CardIdentity& identity) {
  const std::string guid = wire::toHex(identity.guid);
  return identity.cardNumber.empty() ? guid.substr(guid.size() - 16) : identity.cardNumber;
}

}  // namespace

Token::Token(std::unique_ptr<card::Card> card, bool hasPinPad, const Settings& settings)
    : hasPinPad_(hasPinPad),
      alwaysAuthenticate_(settings.alwaysAuthenticate),
      authorities_(settings.authorities),
      program_(settings.program),
      serialNumber_(serialNumberOf(card->identity())),
      label_("fncard " + serialNumber_),
      card_(std::move(card)) {}

Result<std::shared_ptr<Token>> Token::open(const CardOpener& opener, const std::string& readerName,
                                           const Settings& settings) {
  auto card = opener(readerName);
  if (!card) {
    return cardFailure(card.error());
  }
  bool hasPinPad = false;
  {
    auto application = (*card)->begin();
    if (!application) {
      return cardFailure(application.error());
    }
    hasPinPad = (*application)->hasPinPad();
  }
  return std::shared_ptr<Token>(new Token(std::move(*card), hasPinPad, settings));
}

CK_FLAGS Token::flags() const {
  CK_FLAGS flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
  flags |= takesPinItself() ? CKF_PROTECTED_AUTHENTICATION_PATH : 0;
  const std::lock_guard lock(stateMutex_);
  if (blocked_) {
    return flags | CKF_USER_PIN_LOCKED;
  }
  if (triesLeft_) {
    flags |= CKF_USER_PIN_COUNT_LOW;
    flags |= *triesLeft_ == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
  }
  return flags;
}

/// What the answer to a PIN says about the tries that are left.
void Token::noteTries(const card::Result<void>& outcome) {
  const std::lock_guard lock(stateMutex_);
  if (outcome) {
    triesLeft_.reset();
    blocked_ = false;
    return;
  }
  const card::Error& error = outcome.error();
  if (error.code == card::ErrorCode::PinIncorrect || error.code == card::ErrorCode::PinBlocked) {
    triesLeft_ = error.triesLeft;
    blocked_ = error.code == card::ErrorCode::PinBlocked || triesLeft_ == 0U;
  }
}

card::Result<void> Token::verify(card::CardApplication& application, const GivenPin& pin) {
  auto verified = pin ? application.verifyPin(*pin) : application.verifyPinOnPad();
  noteTries(verified);
  if (verified) {
    verified_ = true;
  }
  if (!verified && pin) {
    dropRefused(*pin, verified.error());
  }
  return verified;
}

/// When the card refused the PIN of the login: it was changed elsewhere, and playing the old one
/// again would spend every try.
void Token::dropRefused(const card::Pin& pin, const card::Error& refusal) {
  if (refusal.code != card::ErrorCode::PinIncorrect &&
      refusal.code != card::ErrorCode::PinBlocked) {
    return;
  }
  const std::lock_guard lock(stateMutex_);
  if (login_ && login_->pin == pin) {
    login_.reset();
    objects_.endLogin();
  }
}

/// A PIN that an earlier call gave, and that was right then. NotLoggedIn when it is so no longer:
/// the call that finds it out had no PIN to be wrong.
card::Result<void> Token::verifyLogin(card::CardApplication& application, const GivenPin& pin) {
  auto verified = verify(application, pin);
  if (!verified && pin &&
      (verified.error().code == card::ErrorCode::PinIncorrect ||
       verified.error().code == card::ErrorCode::PinBlocked)) {
    verified.error().code = card::ErrorCode::NotLoggedIn;
  }
  return verified;
}

bool Token::loggedIn() const {
  const std::lock_guard lock(stateMutex_);
  return login_.has_value();
}

/// To be asked inside the transaction: a PIN that failed in the one before is not given again.
card::Result<GivenPin> Token::pinOfLogin() const {
  const std::lock_guard lock(stateMutex_);
  if (!login_) {
    return card::failed(card::ErrorCode::NotLoggedIn, "nobody logged in");
  }
  return login_->pin ? GivenPin(login_->pin->clone()) : std::nullopt;
}

void Token::keepLogin(GivenPin pin) {
  const std::lock_guard lock(stateMutex_);
  login_ = Login{.pin = std::move(pin)};
}

Status Token::login(GivenPin pin, const StillWanted& stillWanted) {
  const std::lock_guard lock(loginMutex_);
  if (loggedIn()) {
    return refuse(CKR_USER_ALREADY_LOGGED_IN, "logged in");
  }
  if (!pin && dialog()) {
    return withTypedPin(agent_link::Purpose::Login, stillWanted,
                        [&](card::CardApplication&, const card::Pin& typed) {
                          keepLogin(typed.clone());
                          return card::Result<void>();
                        });
  }
  return card_.transact([&](card::CardApplication& application) {
    auto verified = verify(application, pin);
    if (verified) {
      keepLogin(std::move(pin));
    }
    return verified;
  });
}

Status Token::logout() {
  {
    const std::lock_guard lock(stateMutex_);
    if (!login_) {
      return userNotLoggedIn();
    }
    login_.reset();
  }
  return objects_.endLogin();
}

void Token::logOutOfCard(Turn turn) {
  if (loggedIn() || !verified_.exchange(false)) {
    return;
  }
  const auto logOut = [](card::CardApplication& application) { return application.logOut(); };
  static_cast<void>(turn == Turn::Waited ? card_.attempt(logOut) : card_.attemptIfFree(logOut));
}

void Token::retire() {
  card_.markGone();
  {
    const std::lock_guard lock(stateMutex_);
    login_.reset();
  }
  static_cast<void>(objects_.endLogin());  // without new handles the old ones stay: of no use
  card_.close();
}

/// How many tries the PIN has, before the person is asked for it: CKR_PIN_LOCKED when none. Unknown
/// while the card counts somebody as logged in, which means all of them.
Result<std::optional<unsigned>> Token::triesLeft() {
  const auto status =
      card_.transact([](card::CardApplication& application) { return application.pinStatus(); });
  if (!status) {
    return Refusal(status.error());
  }
  if (status->blocked) {
    card::Error error{.code = card::ErrorCode::PinBlocked, .detail = "no try left", .triesLeft = 0};
    noteTries(tl::unexpected(error));
    return cardFailure(error);
  }
  return status->triesLeft;
}

/// The person is asked, and asked again after a wrong PIN, until it is right or they give up. The
/// last try of the card is spent only on a PIN that was typed knowing that it is the last.
Status Token::withTypedPin(agent_link::Purpose purpose, const StillWanted& stillWanted,
                           const Then& then) {
  agent_link::PinRequest request{
      .purpose = purpose, .program = program_, .cardNumber = serialNumber_};
  {
    const std::lock_guard lock(stateMutex_);
    request.holder = holder_;
  }
  for (;;) {
    const auto tries = triesLeft();
    if (!tries) {
      return Refusal(tries.error());
    }
    request.triesLeft = *tries;
    const auto pin = askByAgent(request, stillWanted);
    if (!pin) {
      return Refusal(pin.error());
    }
    const auto done = card_.attempt([&](card::CardApplication& application) -> card::Result<void> {
      const auto status = application.pinStatus();
      if (!status) {
        return tl::unexpected(status.error());
      }
      if (status->triesLeft == 1U && request.triesLeft != 1U) {
        return card::failed(card::ErrorCode::LastTryNotConfirmed, "another program spent a try");
      }
      const auto verified = verify(application, pin->clone());
      return verified ? then(application, *pin) : verified;
    });
    if (done) {
      return {};
    }
    const auto code = done.error().code;
    if (code != card::ErrorCode::PinIncorrect && code != card::ErrorCode::LastTryNotConfirmed) {
      return cardFailure(done.error());
    }
    request.wrongPinBefore = code == card::ErrorCode::PinIncorrect;
  }
}

Status Token::checkSignaturePin(const GivenPin& pin) {
  if (pin) {
    const std::lock_guard lock(stateMutex_);
    if (login_ && login_->pin == pin) {
      return {};  // the VERIFY comes directly before the signature; one now would be for nothing
    }
  }
  return card_.transact(
      [&](card::CardApplication& application) { return verify(application, pin); });
}

Status Token::changePin(const card::Pin& current, const card::Pin& next) {
  return card_.transact([&](card::CardApplication& application) {
    auto changed = application.changePin(current, next);
    noteTries(changed);
    if (!changed) {
      dropRefused(current, changed.error());
    }
    const std::lock_guard state(stateMutex_);
    if (changed && login_ && login_->pin) {
      login_->pin = next.clone();
    }
    return changed;
  });
}

Status Token::changePinOnPad() {
  if (!hasPinPad_) {
    return refuse(CKR_FUNCTION_NOT_SUPPORTED, "the agent changes the PIN in a window of its own");
  }
  return card_.transact([&](card::CardApplication& application) {
    auto changed = application.changePinOnPad();
    noteTries(changed);
    const std::lock_guard state(stateMutex_);
    if (changed && login_) {
      login_->pin.reset();  // nobody but the person knows it now
    }
    return changed;
  });
}

}  // namespace fncard::pkcs11
