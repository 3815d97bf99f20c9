// SPDX-License-Identifier: Apache-2.0
#include "card/activation/activation.h"

#include <utility>

#include "card/activation/run.h"

namespace fncard::card::activation {
namespace {

// Enough for the person's PIN and, when that is refused, the transport PIN.
constexpr unsigned kTriesForBoth = 3;

constexpr Kind kActivation{.proofPurpose = "fncard activation 1",
                           .stopped = "activation.stopped",
                           .alreadyDone = "activation.already-active"};

/// One run of activate(). Each function is one step of docs/activation.md.
class Activation : private Run {
 public:
  Activation(Issuer& issuer, Person& person, const Clock& clock)
      : Run(kActivation, issuer, person, clock), issuer_(issuer), person_(person) {}

  tl::expected<Outcome, Failure> run(ReaderService& readers, const std::string& readerName,
                                     const Application& application) {
    if (auto begun = begin(readers, readerName, application); !begun) {
      return tl::unexpected(begun.error());
    }
    if (begun_.state == TransactionState::Done) {
      enter(Step::Done);
      return Outcome{.card = card_->identity(), .wasAlreadyActive = true};
    }
    for (const auto step :
         std::initializer_list<Done (Activation::*)()>{&Activation::askForPin, &Activation::release,
                                                       &Activation::setPin, &Activation::commit}) {
      if (auto done = (this->*step)(); !done) {
        return tl::unexpected(done.error());
      }
    }
    enter(Step::Done);
    return Outcome{.card = card_->identity()};
  }

 private:
  /// Before the issuer releases: a new PIN. Afterwards the card may have been given one already.
  Done askForPin() {
    if (begun_.state == TransactionState::Released) {
      auto before = person_.pinSetBefore();
      if (before) {
        pinSetBefore_ = std::move(*before);
        return {};
      }
      if (before.error().code != ErrorCode::ObjectNotFound) {
        return stop(before.error());
      }
    }
    return askForNewPin();
  }

  Done release() {
    const auto signature = proveCard();
    if (!signature) {
      return tl::unexpected(signature.error());
    }
    enter(Step::Release);
    auto transportPin = issuer_.release(begun_.transaction, *signature);
    if (!transportPin) {
      return stop(transportPin.error());
    }
    transportPin_ = std::move(*transportPin);
    return {};
  }

  Done setPin() {
    enter(Step::SetPin);
    if (pinSetBefore_) {
      const auto isSet = tryPinSetBefore();
      if (!isSet) {
        return tl::unexpected(isSet.error());
      }
      if (*isSet) {
        newPin_ = std::move(*pinSetBefore_);
        return {};
      }
      if (auto asked = askForNewPin(); !asked) {
        return asked;
      }
    }
    return replaceTransportPin();
  }

  /// False when the card holds another PIN, or when trying would leave no try for the transport
  /// PIN. In the second case an earlier run was cut between the two tries: the person's PIN was
  /// refused then, so it is the transport PIN's turn, and any number of interruptions comes to an
  /// end.
  tl::expected<bool, Failure> tryPinSetBefore() {
    auto application = card_->begin();
    if (!application) {
      return stop(application.error());
    }
    const auto tries = triesLeft(**application);
    if (!tries) {
      return tl::unexpected(tries.error());
    }
    if (*tries < kTriesForBoth) {
      return false;
    }
    const auto verified = (*application)->verifyPin(*pinSetBefore_);
    if (!verified && verified.error().code != ErrorCode::PinIncorrect) {
      return stop(verified.error());
    }
    return verified.has_value();
  }

  Done replaceTransportPin() {
    Result<void> changed;
    {
      auto application = card_->begin();
      if (!application) {
        return stop(application.error());
      }
      if (const auto tries = triesLeft(**application); !tries) {
        return tl::unexpected(tries.error());
      }
      changed = (*application)->changePin(*transportPin_, *newPin_);
    }
    if (changed) {
      return {};
    }
    const Error& error = changed.error();
    if (error.code != ErrorCode::PinIncorrect && error.code != ErrorCode::PinBlocked) {
      return stop(error);
    }
    if (begun_.state == TransactionState::Begun) {  // nobody had been given this PIN before
      // the issuer hears of it now or from the person; the card stays on hold either way
      static_cast<void>(issuer_.reportTamper(begun_.transaction, card_->identity().cardNumber));
      return stop("activation.tampered", false, error.triesLeft);
    }
    return stop("activation.pin-unknown", false, error.triesLeft);
  }

  /// At least two; anything less ends the run before a PIN is sent.
  tl::expected<unsigned, Failure> triesLeft(CardApplication& application) const {
    const auto status = application.pinStatus();
    if (!status) {
      return stop(status.error());
    }
    if (status->blocked) {
      return stop(messageCode(ErrorCode::PinBlocked), false, 0);
    }
    // no count: somebody verified the PIN, which filled the counter up
    const unsigned tries = status->triesLeft.value_or(kTriesForBoth);
    if (tries < kTriesForOne) {
      return stop("activation.last-try", false, tries);
    }
    return tries;
  }

  Issuer& issuer_;
  Person& person_;
  std::optional<Pin> pinSetBefore_;
  std::optional<Pin> transportPin_;
};

}  // namespace

tl::expected<Outcome, Failure> activate(ReaderService& readers, const std::string& readerName,
                                        const Application& application, Issuer& issuer,
                                        Person& person, const Clock& clock) {
  return Activation(issuer, person, clock).run(readers, readerName, application);
}

}  // namespace fncard::card::activation
