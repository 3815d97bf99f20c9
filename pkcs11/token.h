// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "card/card.h"
#include "pkcs11/object_store.h"
#include "pkcs11/settings.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// Opens the card in a reader; card::openCard, or a fake card in tests.
using CardOpener =
    std::function<card::Result<std::unique_ptr<card::Card>>(const std::string& readerName)>;

/// A PIN from the application; none where the person types it on the PIN pad of the reader.
using GivenPin = std::optional<card::Pin>;

/// What C_Login(CKU_CONTEXT_SPECIFIC) gave to one signature.
struct SignatureLogin {
  GivenPin pin;
};

/// The card in a slot, from when it was first asked about until it is taken out: who it is, its
/// objects, and whether this application is logged in. What was read once is never read again, and
/// nothing here asks the card a question that memory can answer. Any thread may call anything.
class Token {
 public:
  static Result<std::shared_ptr<Token>> open(const CardOpener& opener,
                                             const std::string& readerName,
                                             const Settings& settings);

  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& serialNumber() const { return serialNumber_; }
  /// CKF_… of C_GetTokenInfo. The PIN flags say what this application saw of the PIN counter.
  [[nodiscard]] CK_FLAGS flags() const;

  /// True when the card went, or another one is in its place. Then the object is spent.
  [[nodiscard]] bool gone() const { return gone_; }
  void markGone() { gone_ = true; }

  /// CKF_PROTECTED_AUTHENTICATION_PATH: no PIN need be given below.
  [[nodiscard]] bool takesPinItself() const { return hasPinPad_; }

  [[nodiscard]] bool loggedIn() const;
  /// Asks the card (one VERIFY) and keeps the PIN in locked memory until logout(), because the card
  /// forgets when another program resets it. CKR_USER_ALREADY_LOGGED_IN without asking.
  Status login(GivenPin pin);
  Status logout();
  /// The PIN of one signature, before it: the same as that of the login, or one that the card says
  /// is right.
  Status checkSignaturePin(const GivenPin& pin);
  Status changePin(const card::Pin& current, const card::Pin& next);
  Status changePinOnPad();

  /// Reads the certificates when that has not happened yet.
  Status load();
  [[nodiscard]] ObjectStore& objects() { return objects_; }

  /// VERIFY and the private-key operation in one transaction. Without a login of its own, by that
  /// of the user where the settings allow it; CKR_USER_NOT_LOGGED_IN where not. What was typed on
  /// the PIN pad before is used first; the person is asked again when the card lost it.
  Result<Bytes> sign(const KeyInfo& key, ByteView input,
                     const std::optional<SignatureLogin>& signatureLogin);
  /// With the login; the PIN is wanted only when the card asks for it.
  Result<card::SecretBytes> decipher(const KeyInfo& key, ByteView input);
  Result<card::SecretBytes> agree(const KeyInfo& key, ByteView point);

 private:
  Token(std::unique_ptr<card::Card> card, bool hasPinPad, const Settings& settings);

  template <typename Action>
  auto transact(Action action)
      -> Result<typename decltype(action(std::declval<card::CardApplication&>()))::value_type>;
  template <typename Operation>
  Result<card::SecretBytes> withLogin(Operation operation);
  card::Result<void> verify(card::CardApplication& application, const GivenPin& pin);
  void noteTries(const card::Result<void>& outcome);
  Result<GivenPin> pinOfLogin() const;
  Refusal failed(const card::Error& error);

  /// Of the user, from C_Login to C_Logout.
  struct Login {
    GivenPin pin;
  };

  const bool hasPinPad_;
  const AlwaysAuthenticate alwaysAuthenticate_;
  const std::string authorities_;
  std::mutex cardMutex_;              // one operation on the card at a time; before stateMutex_
  std::unique_ptr<card::Card> card_;  // guarded by cardMutex_
  bool loaded_ = false;               // guarded by cardMutex_

  mutable std::mutex stateMutex_;
  std::optional<Login> login_;         // guarded by stateMutex_
  std::optional<unsigned> triesLeft_;  // guarded by stateMutex_; known after a wrong PIN
  bool blocked_ = false;               // guarded by stateMutex_

  std::atomic<bool> gone_{false};
  ObjectStore objects_;
  std::string label_;
  std::string serialNumber_;
};

}  // namespace fncard::pkcs11
