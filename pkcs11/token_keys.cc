// SPDX-License-Identifier: Apache-2.0
// What a token has, and its private keys.
#include <algorithm>

#include "pkcs11/authorities.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

namespace {

constexpr card::KeyRole kRoles[] = {card::KeyRole::Signature, card::KeyRole::KeyManagement};

/// True for what is so for good, or for as long as the card is there. Anything else may be over the
/// next time.
bool isSettled(const card::Result<Bytes>& certificate) {
  return certificate || certificate.error().code == card::ErrorCode::ObjectNotFound ||
         certificate.error().code == card::ErrorCode::Malformed;
}

/// True when the card did not give this certificate, but may give others.
bool concernsOneCertificate(card::ErrorCode code) {
  return code == card::ErrorCode::CardFailed || code == card::ErrorCode::NotLoggedIn ||
         code == card::ErrorCode::Unsupported;
}

}  // namespace

/// A certificate and its key as objects; nothing for one that nobody can read, which hides its own
/// key only.
void Token::addKey(card::KeyRole role, ByteView der, CardContents& contents) const {
  const auto fields = readCertificate(der);
  if (!fields) {
    return;
  }
  if (const auto key = readPublicKey(fields->publicKeyInfo)) {
    std::ranges::move(
        makeKeyObjects(role, *fields, *key, alwaysAuthenticate_ == AlwaysAuthenticate::Context),
        std::back_inserter(contents.objects));
    contents.certificates.push_back(*fields);
  }
}

Result<Token::CardContents> Token::readCard() {
  return card_.transact([&](card::CardApplication& application) -> card::Result<CardContents> {
    CardContents contents;
    for (const auto role : kRoles) {
      if (settled_.contains(role)) {
        continue;
      }
      const auto der = application.readCertificate(role);
      if (der) {
        addKey(role, *der, contents);
      }
      if (isSettled(der)) {
        contents.settled.push_back(role);
      } else if (!concernsOneCertificate(der.error().code)) {
        return tl::unexpected(der.error());
      }
    }
    return contents;
  });
}

Status Token::load() {
  const std::lock_guard lock(loadMutex_);
  if (settled_.size() == std::size(kRoles)) {
    return {};
  }
  auto contents = readCard();
  if (!contents) {
    return passOn(contents);
  }
  // the card is free meanwhile: a slow disk must not keep anyone from it
  Objects all = profilesShown_ ? Objects() : makeProfileObjects();
  std::ranges::move(contents->objects, std::back_inserter(all));
  std::set<Bytes> authorities = authoritiesShown_;
  for (const auto& authority : authoritiesAbove(contents->certificates, authorities_)) {
    if (authorities.insert(authority.der).second) {
      all.push_back(makeAuthorityObject(authority));
    }
  }
  auto added = objects_.addAll(std::move(all));
  if (!added) {
    return added;
  }
  profilesShown_ = true;
  authoritiesShown_ = std::move(authorities);
  settled_.insert(contents->settled.begin(), contents->settled.end());
  if (!contents->certificates.empty()) {
    const std::lock_guard state(stateMutex_);
    holder_ = contents->certificates.front().name;
  }
  return added;
}

Status Token::confirmKey(const KeyInfo& key) {
  if (key.role != card::KeyRole::KeyManagement || encryptionKeyConfirmed_) {
    return {};
  }
  auto confirmed = card_.transact(
      [&](card::CardApplication& application) { return application.confirmCertificate(key.role); });
  encryptionKeyConfirmed_ = confirmed.has_value();
  return confirmed;
}

/// By the login of the user, or by one of the signature's own.
Result<Bytes> Token::sign(const KeyInfo& key, ByteView input,
                          const std::optional<SignatureLogin>& signatureLogin,
                          const StillWanted& stillWanted) {
  if (!loggedIn() || (!signatureLogin && alwaysAuthenticate_ == AlwaysAuthenticate::Context)) {
    return userNotLoggedIn();
  }
  if (dialog()) {
    return signByDialog(key, input, stillWanted);
  }
  return card_.transact([&](card::CardApplication& application) -> card::Result<Bytes> {
    const auto pinOfUser = pinOfLogin();
    if (!pinOfUser) {
      return tl::unexpected(pinOfUser.error());
    }
    if (signatureLogin && !signatureLogin->pin) {
      auto signature = application.sign(key.role, key.algorithm, input);
      if (signature || signature.error().code != card::ErrorCode::NotLoggedIn) {
        return signature;
      }
    }
    const GivenPin& pin = signatureLogin ? signatureLogin->pin : *pinOfUser;
    if (auto verified = verifyLogin(application, pin); !verified) {
      return tl::unexpected(verified.error());
    }
    return application.sign(key.role, key.algorithm, input);
  });
}

Result<Bytes> Token::signByDialog(const KeyInfo& key, ByteView input,
                                  const StillWanted& stillWanted) {
  const auto whileLoggedIn = [&]() -> Status {
    auto wanted = stillWanted();  // first, because C_Finalize logs out too
    return !wanted || loggedIn() ? wanted : Status(userNotLoggedIn());
  };
  Bytes made;
  auto done =
      withTypedPin(agent_link::Purpose::Signature, whileLoggedIn,
                   [&](card::CardApplication& application, const card::Pin&) -> card::Result<void> {
                     auto signature = application.sign(key.role, key.algorithm, input);
                     if (!signature) {
                       return tl::unexpected(signature.error());
                     }
                     made = std::move(*signature);
                     return {};
                   });
  return done ? Result<Bytes>(std::move(made)) : passOn(done);
}

/// The card keeps a PIN that was right for its encryption key (SP 800-73-4 part 1 table 4b) until
/// it is reset or another program spoils it: only when it asks for the PIN is it given once more.
template <typename Operation>
Result<card::SecretBytes> Token::withLogin(Operation operation) {
  if (!loggedIn()) {
    return userNotLoggedIn();
  }
  return card_.transact([&](card::CardApplication& application) -> card::Result<card::SecretBytes> {
    const auto pin = pinOfLogin();
    if (!pin) {
      return tl::unexpected(pin.error());
    }
    auto result = operation(application);
    if (result || result.error().code != card::ErrorCode::NotLoggedIn) {
      return result;
    }
    if (auto verified = verifyLogin(application, *pin); !verified) {
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
