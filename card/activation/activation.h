// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "card/card.h"

/// The client half of activation (docs/activation.md), used by the command line, the wizard and the
/// agent. The issuer is behind an interface; the person is behind one too. Nothing here knows HTTP
/// or a window.
namespace fncard::card::activation {

/// What the person holds beside the card.
struct Application {
  std::string permitNumber;
  SecretBytes userCode;
};

/// An answer of the issuer that is not a success: its stable code (docs/api.md), the sentence in
/// the person's language when it sent one, and whether the same step may be tried again later.
struct IssuerError {
  std::string code;
  std::string message;
  bool transient = false;
};
template <typename T>
using IssuerResult = tl::expected<T, IssuerError>;

enum class TransactionState { Begun, Released, Active, Refused };

/// The open transaction of this card's order: a new one, or the one that an interruption left.
struct Begun {
  std::string transaction;
  Bytes nonce;  ///< 32 bytes
  TransactionState state = TransactionState::Begun;
  std::string birthDate;  ///< "YYYY-MM-DD" to refuse it as a PIN, or empty
};

/// The issuer's half: docs/api.md, one call each. Every call may be repeated with the same effect.
class Issuer {
 public:
  virtual ~Issuer() = default;
  virtual IssuerResult<Begun> begin(const Application& application,
                                    const std::string& cardNumber) = 0;
  /// signature is by the card authentication key over SHA-256("fncard activation 1" ‖ transaction ‖
  /// nonce ‖ card number).
  virtual IssuerResult<Pin> release(const std::string& transaction, ByteView signature) = 0;
  virtual IssuerResult<void> commit(const std::string& transaction, ByteView receipt,
                                    ByteView signature) = 0;
  virtual IssuerResult<TransactionState> state(const std::string& transaction) = 0;
  /// The transport PIN was refused on its first use: somebody was here before.
  virtual IssuerResult<void> reportTamper(const std::string& transaction,
                                          const std::string& cardNumber) = 0;
};

enum class Step { Begin, CardProof, Release, SetPin, Receipt, Commit, Done };

/// The person: asked for the PIN and told of progress. Called on the caller's thread, and never
/// inside a transaction: the card is free for others while the person types.
class Person {
 public:
  virtual ~Person() = default;
  /// A step begins.
  virtual void progress(Step step) = 0;
  /// The new PIN, already typed twice alike and not weak; or Cancelled. Asked for before the issuer
  /// releases anything, so that a person who thinks again leaves no trace.
  virtual Result<Pin> newPin(const std::string& birthDate) = 0;
  /// After an interruption when the PIN may have been set already: the PIN that the person set
  /// then, typed twice alike, because a try of the card depends on it. ObjectNotFound when the
  /// person says that none was chosen (newPin() follows), or Cancelled. newPin() also follows when
  /// the card refuses it.
  virtual Result<Pin> pinSetBefore() = 0;
};

/// How it ended: the card is active, or which side stopped it.
struct Outcome {
  CardIdentity card;
  bool wasAlreadyActive = false;
};
struct Failure {
  Step step = Step::Begin;
  std::string code;     ///< message code, of the card or the issuer
  std::string message;  ///< the issuer's own sentence, may be empty
  std::optional<unsigned> triesLeft;
  bool resumable = true;  ///< the same command finishes the job
};

using Clock = std::function<std::chrono::system_clock::time_point()>;

/// Runs from wherever card and issuer stand to "active". Safe to repeat after any interruption; the
/// last try of the PIN is never used. readerName empty: the one card of the PC (openAnyCard).
///
/// Its own codes: activation.not-our-card, activation.stopped, activation.issuer-malformed,
/// activation.last-try, activation.tampered, activation.pin-unknown; card.pin-… for a weak new PIN.
tl::expected<Outcome, Failure> activate(ReaderService& readers, const std::string& readerName,
                                        const Application& application, Issuer& issuer,
                                        Person& person,
                                        const Clock& clock = std::chrono::system_clock::now);

}  // namespace fncard::card::activation
