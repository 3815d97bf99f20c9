// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "card/card.h"

/// What activation and unblocking have in common (docs/activation.md): a transaction of one card
/// with its issuer, which a person takes part in. Nothing here knows HTTP or a window.
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

/// Begun, the secrets are released, ended well, or stopped for good.
enum class TransactionState { Begun, Released, Done, Refused };

/// The open transaction of this card: a new one, or the one that an interruption left.
struct Begun {
  std::string transaction;
  Bytes nonce;  ///< 32 bytes
  TransactionState state = TransactionState::Begun;
  std::string birthDate;  ///< "YYYY-MM-DD" to refuse it as a PIN, or empty
};

/// The issuer's half: docs/api.md, one call each. Every call may be repeated with the same effect.
class TransactionIssuer {
 public:
  virtual ~TransactionIssuer() = default;
  virtual IssuerResult<Begun> begin(const Application& application,
                                    const std::string& cardNumber) = 0;
  virtual IssuerResult<void> commit(const std::string& transaction, ByteView receipt,
                                    ByteView signature) = 0;
  virtual IssuerResult<TransactionState> state(const std::string& transaction) = 0;
};

enum class Step { Begin, CardProof, Release, SetPin, Receipt, Commit, Done };

/// The person: asked for the PIN and told of progress. Called on the caller's thread, and never
/// inside a transaction of the reader: the card is free for others while the person types.
class PinChooser {
 public:
  virtual ~PinChooser() = default;
  /// A step begins.
  virtual void progress(Step step) = 0;
  /// The new PIN, already typed twice alike and not weak; or Cancelled. Asked for before the issuer
  /// releases anything, so that a person who thinks again leaves no trace.
  virtual Result<Pin> newPin(const std::string& birthDate) = 0;
};

/// How it ended, when the card and the issuer did not come to an end together.
struct Failure {
  Step step = Step::Begin;
  std::string code;     ///< message code, of the card or the issuer
  std::string message;  ///< the issuer's own sentence, may be empty
  std::optional<unsigned> triesLeft;
  bool resumable = true;  ///< the same command finishes the job
};

using Clock = std::function<std::chrono::system_clock::time_point()>;

}  // namespace fncard::card::activation
