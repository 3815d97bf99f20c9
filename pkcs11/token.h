// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "pkcs11/card_objects.h"
#include "pkcs11/object_store.h"
#include "pkcs11/pin_dialog.h"
#include "pkcs11/settings.h"
#include "pkcs11/token_card.h"

namespace fncard::pkcs11 {

/// Opens the card in a reader; card::openCard, or a fake card in tests.
using CardOpener =
    std::function<card::Result<std::unique_ptr<card::Card>>(const std::string& readerName)>;

/// A PIN from the application; none where the person types it elsewhere: on the PIN pad of the
/// reader, or in the agent's window.
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
  [[nodiscard]] bool gone() const { return card_.gone(); }
  void markGone() { card_.markGone(); }
  /// What a card that is gone leaves goes at once: the login with its PIN, private objects of
  /// sessions, the connection. Not under a lock: closing asks the reader service.
  void retire();

  /// CKF_PROTECTED_AUTHENTICATION_PATH: no PIN need be given below.
  [[nodiscard]] bool takesPinItself() const { return hasPinPad_ || dialog(); }

  [[nodiscard]] bool loggedIn() const;
  /// Asks the card (one VERIFY) and keeps the PIN in locked memory until logout(), because the card
  /// forgets when another program resets it. CKR_USER_ALREADY_LOGGED_IN without asking.
  Status login(GivenPin pin, const StillWanted& stillWanted);
  /// Forgets the PIN. The card is not asked.
  Status logout();
  enum class Turn { Waited, IfFree };
  /// After logout(): the card forgets the PIN too, where this process gave it one, so that no other
  /// program uses the keys. IfFree: only when nobody uses the card right now. That a card cannot do
  /// it is no error.
  void logOutOfCard(Turn turn);
  /// The PIN of one signature, before it: the same as that of the login, or one that the card says
  /// is right.
  Status checkSignaturePin(const GivenPin& pin);
  Status changePin(const card::Pin& current, const card::Pin& next);
  /// CKR_FUNCTION_NOT_SUPPORTED without a PIN pad.
  Status changePinOnPad();

  /// Reads the certificates when that has not happened yet. One that the card does not give, for a
  /// reason that may pass, is left out and asked for again the next time.
  Status load();
  [[nodiscard]] ObjectStore& objects() { return objects_; }

  /// Before something is encrypted with a public key of the card: that it is the card's, once.
  Status confirmKey(const KeyInfo& key);
  /// VERIFY and the private-key operation in one transaction. In dialog mode the person is asked
  /// before, each time. Otherwise without a login of its own, by that of the user where the
  /// settings allow it; CKR_USER_NOT_LOGGED_IN where not. What was typed on the PIN pad before is
  /// used first; the person is asked again when the card lost it.
  Result<Bytes> sign(const KeyInfo& key, ByteView input,
                     const std::optional<SignatureLogin>& signatureLogin,
                     const StillWanted& stillWanted);
  /// With the login; the PIN is wanted only when the card asks for it.
  Result<card::SecretBytes> decipher(const KeyInfo& key, ByteView input);
  Result<card::SecretBytes> agree(const KeyInfo& key, ByteView point);

 private:
  struct CardContents {
    Objects objects;
    std::vector<CertificateFields> certificates;
    std::vector<card::KeyRole> settled;  ///< there or not: they need not be asked for again
  };
  /// Of the user, from C_Login to C_Logout.
  struct Login {
    GivenPin pin;
  };
  /// What is done with a PIN in the transaction in which the card found it right.
  using Then = std::function<card::Result<void>(card::CardApplication&, const card::Pin&)>;

  Token(std::unique_ptr<card::Card> card, bool hasPinPad, const Settings& settings);
  [[nodiscard]] bool dialog() const { return alwaysAuthenticate_ == AlwaysAuthenticate::Dialog; }

  // token.cc: the PIN
  card::Result<void> verify(card::CardApplication& application, const GivenPin& pin);
  card::Result<void> verifyLogin(card::CardApplication& application, const GivenPin& pin);
  void noteTries(const card::Result<void>& outcome);
  void dropRefused(const card::Pin& pin, const card::Error& refusal);
  card::Result<GivenPin> pinOfLogin() const;
  void keepLogin(GivenPin pin);
  Result<std::optional<unsigned>> triesLeft();
  Status withTypedPin(agent_link::Purpose purpose, const StillWanted& stillWanted,
                      const Then& then);

  // token_keys.cc: objects and keys
  Result<CardContents> readCard();
  void addKey(card::KeyRole role, ByteView der, CardContents& contents) const;
  Result<Bytes> signByDialog(const KeyInfo& key, ByteView input, const StillWanted& stillWanted);
  template <typename Operation>
  Result<card::SecretBytes> withLogin(Operation operation);

  const bool hasPinPad_;
  const AlwaysAuthenticate alwaysAuthenticate_;
  const std::string authorities_;
  const std::string program_;
  const std::string serialNumber_;
  const std::string label_;
  TokenCard card_;

  std::mutex loadMutex_;              // one thread loads, the others wait for what it finds
  std::set<card::KeyRole> settled_;   // guarded by loadMutex_
  std::set<Bytes> authoritiesShown_;  // guarded by loadMutex_
  bool profilesShown_ = false;        // guarded by loadMutex_
  ObjectStore objects_;

  std::mutex loginMutex_;  // one thread logs in, the others wait whether it succeeds
  // before stateMutex_, as loadMutex_; no card is asked and no person under this one
  mutable std::mutex stateMutex_;
  std::optional<Login> login_;  // guarded by stateMutex_
  std::atomic<bool> encryptionKeyConfirmed_{false};
  std::atomic<bool> verified_{false};  // this process gave the card the PIN
  std::optional<unsigned> triesLeft_;  // guarded by stateMutex_; known after a wrong PIN
  bool blocked_ = false;               // guarded by stateMutex_
  std::string holder_;                 // guarded by stateMutex_; known after load()
};

}  // namespace fncard::pkcs11
