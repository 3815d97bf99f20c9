// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/token.h"

#include <algorithm>

#include "card/wire/bytes.h"
#include "pkcs11/authorities.h"
#include "pkcs11/card_objects.h"

namespace fncard::pkcs11 {

Token::Token(std::unique_ptr<card::Card> card, bool hasPinPad, const Settings& settings)
    : hasPinPad_(hasPinPad),
      alwaysAuthenticate_(settings.alwaysAuthenticate),
      authorities_(settings.authorities),
      card_(std::move(card)) {
  const card::CardIdentity& identity = card_->identity();
  const std::string guid = wire::toHex(identity.guid);
  serialNumber_ = identity.cardNumber.empty() ? guid.substr(guid.size() - 16) : identity.cardNumber;
  label_ = "fncard " + serialNumber_;
}

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

/// Remembers what an error says about the card, and translates it.
Refusal Token::failed(const card::Error& error) {
  switch (error.code) {
    case card::ErrorCode::CardRemoved:
    case card::ErrorCode::NoService:
    case card::ErrorCode::NoReader:
    case card::ErrorCode::NoCard:
      gone_ = true;
      return deviceRemoved();
    default:
      return cardFailure(error);
  }
}

template <typename Action>
auto Token::transact(Action action)
    -> Result<typename decltype(action(std::declval<card::CardApplication&>()))::value_type> {
  if (gone_) {
    return deviceRemoved();
  }
  auto application = card_->begin();
  if (!application) {
    return failed(application.error());
  }
  auto result = action(**application);
  if (!result) {
    return failed(result.error());
  }
  if constexpr (std::is_void_v<typename decltype(result)::value_type>) {
    return {};
  } else {
    return std::move(*result);
  }
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
  if (verified || !pin) {
    return verified;
  }
  const auto code = verified.error().code;
  if (code == card::ErrorCode::PinIncorrect || code == card::ErrorCode::PinBlocked) {
    const std::lock_guard lock(stateMutex_);
    if (login_ && login_->pin == *pin) {
      login_.reset();  // changed elsewhere: playing the old one again would spend every try
      objects_.endLogin();
    }
  }
  return verified;
}

bool Token::loggedIn() const {
  const std::lock_guard lock(stateMutex_);
  return login_.has_value();
}

Result<GivenPin> Token::pinOfLogin() const {
  const std::lock_guard lock(stateMutex_);
  if (!login_) {
    return userNotLoggedIn();
  }
  return login_->pin ? GivenPin(login_->pin->clone()) : std::nullopt;
}

Status Token::login(GivenPin pin) {
  const std::lock_guard lock(cardMutex_);
  if (loggedIn()) {
    return refuse(CKR_USER_ALREADY_LOGGED_IN, "logged in");
  }
  auto verified =
      transact([&](card::CardApplication& application) { return verify(application, pin); });
  if (verified) {
    const std::lock_guard state(stateMutex_);
    login_ = Login{.pin = std::move(pin)};
  }
  return verified;
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

Status Token::checkSignaturePin(const GivenPin& pin) {
  if (pin) {
    const std::lock_guard lock(stateMutex_);
    if (login_ && login_->pin == pin) {
      return {};  // the VERIFY comes directly before the signature; one now would be for nothing
    }
  }
  const std::lock_guard lock(cardMutex_);
  return transact([&](card::CardApplication& application) { return verify(application, pin); });
}

Status Token::changePin(const card::Pin& current, const card::Pin& next) {
  const std::lock_guard lock(cardMutex_);
  return transact([&](card::CardApplication& application) {
    auto changed = application.changePin(current, next);
    noteTries(changed);
    const std::lock_guard state(stateMutex_);
    if (changed && login_ && login_->pin) {
      login_->pin = next.clone();
    }
    return changed;
  });
}

Status Token::changePinOnPad() {
  const std::lock_guard lock(cardMutex_);
  return transact([&](card::CardApplication& application) {
    auto changed = application.changePinOnPad();
    noteTries(changed);
    const std::lock_guard state(stateMutex_);
    if (changed && login_) {
      login_->pin.reset();  // nobody but the person knows it now
    }
    return changed;
  });
}

Status Token::load() {
  const std::lock_guard lock(cardMutex_);
  if (loaded_) {
    return {};
  }
  std::vector<CertificateFields> certificates;
  auto read = transact([&](card::CardApplication& application) -> card::Result<Objects> {
    Objects all = makeProfileObjects();
    for (const auto role : {card::KeyRole::Signature, card::KeyRole::KeyManagement}) {
      const auto der = application.readCertificate(role);
      if (!der) {
        if (der.error().code == card::ErrorCode::ObjectNotFound ||
            der.error().code == card::ErrorCode::Malformed) {
          continue;
        }
        return tl::unexpected(der.error());
      }
      // a certificate that nobody can read hides its own key only
      if (const auto fields = readCertificate(*der)) {
        if (const auto key = readPublicKey(fields->publicKeyInfo)) {
          std::ranges::copy(makeKeyObjects(role, *fields, *key,
                                           alwaysAuthenticate_ == AlwaysAuthenticate::Context),
                            std::back_inserter(all));
          certificates.push_back(*fields);
        }
      }
    }
    return all;
  });
  if (!read) {
    return passOn(read);
  }
  // after the transaction: a slow disk must not keep other programs from the card
  for (const auto& authority : authoritiesAbove(certificates, authorities_)) {
    read->push_back(makeAuthorityObject(authority));
  }
  for (auto& object : *read) {
    if (auto added = objects_.add(std::move(object)); !added) {
      return passOn(added);
    }
  }
  loaded_ = true;
  return {};
}

Result<Bytes> Token::sign(const KeyInfo& key, ByteView input,
                          const std::optional<SignatureLogin>& signatureLogin) {
  const std::lock_guard lock(cardMutex_);
  const auto pinOfUser = pinOfLogin();
  if (!pinOfUser || (!signatureLogin && alwaysAuthenticate_ == AlwaysAuthenticate::Context)) {
    return userNotLoggedIn();
  }
  return transact([&](card::CardApplication& application) -> card::Result<Bytes> {
    if (signatureLogin && !signatureLogin->pin) {
      auto signature = application.sign(key.role, key.algorithm, input);
      if (signature || signature.error().code != card::ErrorCode::NotLoggedIn) {
        return signature;
      }
    }
    const GivenPin& pin = signatureLogin ? signatureLogin->pin : *pinOfUser;
    if (auto verified = verify(application, pin); !verified) {
      return tl::unexpected(verified.error());
    }
    return application.sign(key.role, key.algorithm, input);
  });
}

/// The card keeps a PIN that was right for its encryption key (SP 800-73-4 part 1 table 4b) until
/// it is reset or another program spoils it: only when it asks for the PIN is it given once more.
template <typename Operation>
Result<card::SecretBytes> Token::withLogin(Operation operation) {
  const std::lock_guard lock(cardMutex_);
  const auto pin = pinOfLogin();
  if (!pin) {
    return Refusal(pin.error());
  }
  return transact([&](card::CardApplication& application) -> card::Result<card::SecretBytes> {
    auto result = operation(application);
    if (result || result.error().code != card::ErrorCode::NotLoggedIn) {
      return result;
    }
    if (auto verified = verify(application, *pin); !verified) {
      return tl::unexpected(verified.error());
    }
    return operation(application);
  });
}

Result<card::SecretBytes> Token::decipher(const KeyInfo& key, ByteView input) {
  return withLogin([&](card::CardApplication& application) {
    return application.decipher(key.role, key.algorithm, input);
  });
}

Result<card::SecretBytes> Token::agree(const KeyInfo& key, ByteView point) {
  return withLogin([&](card::CardApplication& application) {
    return application.agree(key.role, key.algorithm, point);
  });
}

}  // namespace fncard::pkcs11
