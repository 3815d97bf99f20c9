// SPDX-License-Identifier: Apache-2.0
#include "card/activation/unblocking.h"

#include <utility>

#include "card/activation/run.h"

namespace fncard::card::activation {
namespace {

constexpr Kind kUnblocking{
    .proofPurpose = "fncard unblocking 1", .stopped = "unblocking.stopped", .alreadyDone = {}};

/// One run of unblock(). Each function is one step of docs/activation.md.
class Unblocking : private Run {
 public:
  Unblocking(UnblockingIssuer& issuer, PinChooser& person, const Clock& clock)
      : Run(kUnblocking, issuer, person, clock), issuer_(issuer) {}

  tl::expected<CardIdentity, Failure> run(ReaderService& readers, const std::string& readerName,
                                          const Application& application) {
    if (auto begun = begin(readers, readerName, application); !begun) {
      return tl::unexpected(begun.error());
    }
    for (const auto step : std::initializer_list<Done (Unblocking::*)()>{
             &Unblocking::askForNewPin, &Unblocking::release, &Unblocking::setPin,
             &Unblocking::commit}) {
      if (auto done = (this->*step)(); !done) {
        return tl::unexpected(done.error());
      }
    }
    enter(Step::Done);
    return card_->identity();
  }

 private:
  enum class Tried { Taken, Refused };

  Done release() {
    const auto signature = proveCard();
    if (!signature) {
      return tl::unexpected(signature.error());
    }
    enter(Step::Release);
    auto puks = issuer_.release(begun_.transaction, *signature);
    if (!puks) {
      return stop(puks.error());
    }
    puks_ = std::move(*puks);
    return {};
  }

  /// The first time the card can have the current PUK alone. Later an interruption may have been
  /// before or after the change, and they take turns in being first: so runs that are cut one after
  /// the other spend no second try on the same wrong one.
  Done setPin() {
    enter(Step::SetPin);
    const Puk* first = &puks_->current;
    const Puk* second = puks_->attempt > 1 ? &puks_->next : nullptr;
    if (puks_->attempt % 2 == 0) {
      std::swap(first, second);
    }
    for (const Puk* puk : {first, second}) {
      if (puk == nullptr) {
        continue;
      }
      const auto tried = setPinBy(*puk);
      if (!tried) {
        return tl::unexpected(tried.error());
      }
      if (*tried == Tried::Taken) {
        return {};
      }
    }
    // the person is told either way
    static_cast<void>(issuer_.reportRefused(begun_.transaction, card_->identity().cardNumber));
    return stop("unblocking.puk-unknown", false);
  }

  /// Both commands in one transaction of the reader: nobody else comes between.
  tl::expected<Tried, Failure> setPinBy(const Puk& puk) {
    const auto application = card_->begin();
    if (!application) {
      return stop(application.error());
    }
    if (triesLeft_.value_or(kTriesForOne) < kTriesForOne) {
      return stop("unblocking.puk-last-try", true, triesLeft_);
    }
    if (const auto unblocked = (*application)->unblockPin(puk, *newPin_); !unblocked) {
      return refusalOf(unblocked.error());
    }
    if (&puk == &puks_->next) {
      return Tried::Taken;
    }
    const auto changed = (*application)->changePuk(puks_->current, puks_->next);
    return changed ? tl::expected<Tried, Failure>(Tried::Taken) : stop(changed.error());
  }

  tl::expected<Tried, Failure> refusalOf(const Error& error) {
    if (error.code == ErrorCode::PinBlocked) {
      return stop("unblocking.puk-blocked", false);
    }
    if (error.code != ErrorCode::PinIncorrect) {
      return stop(error);
    }
    triesLeft_ = error.triesLeft;
    return Tried::Refused;
  }

  UnblockingIssuer& issuer_;
  std::optional<Puks> puks_;
  std::optional<unsigned> triesLeft_;  ///< of the PUK, once a wrong one told it
};

}  // namespace

tl::expected<CardIdentity, Failure> unblock(ReaderService& readers, const std::string& readerName,
                                            const Application& application,
                                            UnblockingIssuer& issuer, PinChooser& person,
                                            const Clock& clock) {
  return Unblocking(issuer, person, clock).run(readers, readerName, application);
}

}  // namespace fncard::card::activation
