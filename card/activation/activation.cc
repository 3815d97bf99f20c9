// SPDX-License-Identifier: Apache-2.0
#include "card/activation/activation.h"

#include <algorithm>
#include <utility>

#include "card/activation/receipt.h"
#include "card/certificate_key.h"
#include "card/signature_input.h"

namespace fncard::card::activation {
namespace {

using Done = tl::expected<void, Failure>;

constexpr std::size_t kNonceSize = 32;
constexpr std::size_t kMaxTransaction = 128;
constexpr std::string_view kAlreadyActive = "activation.already-active";
// A wrong PIN must leave one try for the person.
constexpr unsigned kTriesForOne = 2;
// Enough for the person's PIN and, when that is refused, the transport PIN.
constexpr unsigned kTriesForBoth = 3;

/// Whether doing the same again can help: something was missing, busy or in the way.
bool isResumable(ErrorCode code) {
  switch (code) {
    case ErrorCode::NoService:
    case ErrorCode::NoReader:
    case ErrorCode::NoCard:
    case ErrorCode::CardMute:
    case ErrorCode::CardRemoved:
    case ErrorCode::ReaderBusy:
    case ErrorCode::CardFailed:
    case ErrorCode::Cancelled:
    case ErrorCode::Internal:
      return true;
    default:
      return false;
  }
}

bool isWellFormed(const Begun& begun) {
  const bool printable = std::all_of(begun.transaction.begin(), begun.transaction.end(),
                                     [](char c) { return c > 0x20 && c < 0x7F; });
  return printable && !begun.transaction.empty() && begun.transaction.size() <= kMaxTransaction &&
         begun.nonce.size() == kNonceSize;
}

/// One run of activate(). Each function is one step of docs/activation.md.
class Run {
 public:
  Run(ReaderService& readers, Issuer& issuer, Person& person, const Clock& clock)
      : readers_(readers), issuer_(issuer), person_(person), clock_(clock) {}

  tl::expected<Outcome, Failure> run(const std::string& readerName,
                                     const Application& application) {
    if (auto begun = begin(readerName, application); !begun) {
      return tl::unexpected(begun.error());
    }
    if (begun_.state == TransactionState::Active) {
      enter(Step::Done);
      return Outcome{.card = card_->identity(), .wasAlreadyActive = true};
    }
    for (const auto step : {&Run::askForPin, &Run::proveCard, &Run::setPin, &Run::commit}) {
      if (auto done = (this->*step)(); !done) {
        return tl::unexpected(done.error());
      }
    }
    enter(Step::Done);
    return Outcome{.card = card_->identity()};
  }

 private:
  void enter(Step step) {
    step_ = step;
    person_.progress(step);
  }

  [[nodiscard]] tl::unexpected<Failure> stop(std::string_view code, bool resumable,
                                             std::optional<unsigned> triesLeft = {}) const {
    return tl::unexpected(Failure{
        .step = step_, .code = std::string(code), .triesLeft = triesLeft, .resumable = resumable});
  }
  [[nodiscard]] tl::unexpected<Failure> stop(const Error& error) const {
    return stop(messageCode(error.code), isResumable(error.code), error.triesLeft);
  }
  [[nodiscard]] tl::unexpected<Failure> stop(const IssuerError& error) const {
    return tl::unexpected(Failure{
        .step = step_, .code = error.code, .message = error.message, .resumable = error.transient});
  }

  Done begin(const std::string& readerName, const Application& application) {
    enter(Step::Begin);
    auto card = readerName.empty() ? openAnyCard(readers_) : openCard(readers_, readerName);
    if (!card) {
      return stop(card.error());
    }
    card_ = std::move(*card);
    if (card_->identity().cardNumber.empty()) {
      return stop("activation.not-our-card", false);
    }
    auto begun = issuer_.begin(application, card_->identity().cardNumber);
    if (!begun && begun.error().code == kAlreadyActive) {
      begun_.state = TransactionState::Active;
      return {};
    }
    if (!begun) {
      return stop(begun.error());
    }
    begun_ = std::move(*begun);
    if (begun_.state == TransactionState::Refused) {
      return stop("activation.stopped", false);
    }
    if (begun_.state != TransactionState::Active && !isWellFormed(begun_)) {
      return stop("activation.issuer-malformed", true);
    }
    return {};
  }

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

  Done askForNewPin() {
    auto pin = person_.newPin(begun_.birthDate);
    if (!pin) {
      return stop(pin.error());
    }
    if (const auto weakness = weaknessOf(*pin, begun_.birthDate); weakness != PinWeakness::None) {
      return stop(messageCode(weakness), true);
    }
    newPin_ = std::move(*pin);
    return {};
  }

  Done proveCard() {
    enter(Step::CardProof);
    auto signature = signProof();
    if (!signature) {
      return stop(signature.error());
    }
    enter(Step::Release);
    auto transportPin = issuer_.release(begun_.transaction, *signature);
    if (!transportPin) {
      return stop(transportPin.error());
    }
    transportPin_ = std::move(*transportPin);
    return {};
  }

  Result<Bytes> signProof() {
    auto application = card_->begin();
    if (!application) {
      return tl::unexpected(application.error());
    }
    auto certificate = (*application)->readCertificate(KeyRole::CardAuthentication);
    if (!certificate) {
      return certificate;
    }
    return signWith(**application, KeyRole::CardAuthentication, *certificate,
                    proofDigest(begun_, card_->identity().cardNumber), nullptr);
  }

  /// pin: verified directly before the signature; null for the key that wants none.
  static Result<Bytes> signWith(CardApplication& application, KeyRole role, ByteView certificate,
                                ByteView digest, const Pin* pin) {
    const auto algorithm = keyAlgorithmOfCertificate(certificate);
    if (!algorithm) {
      return tl::unexpected(algorithm.error());
    }
    if (pin != nullptr) {
      if (auto verified = application.verifyPin(*pin); !verified) {
        return tl::unexpected(verified.error());
      }
    }
    return application.sign(role, *algorithm, sha256SignatureInput(*algorithm, digest));
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

  Done commit() {
    enter(Step::Receipt);
    Bytes receipt;
    const auto signature = signReceipt(receipt);
    if (!signature) {
      return stop(signature.error());
    }
    enter(Step::Commit);
    const auto committed = issuer_.commit(begun_.transaction, receipt, *signature);
    if (committed || committed.error().code == kAlreadyActive) {
      return {};
    }
    // the answer may be what was lost
    const auto state = issuer_.state(begun_.transaction);
    if (state && *state == TransactionState::Active) {
      return {};
    }
    return stop(committed.error());
  }

  Result<Bytes> signReceipt(Bytes& receipt) {
    auto application = card_->begin();
    if (!application) {
      return tl::unexpected(application.error());
    }
    auto signatureCertificate = (*application)->readCertificate(KeyRole::Signature);
    if (!signatureCertificate) {
      return signatureCertificate;
    }
    auto keyManagementCertificate = (*application)->readCertificate(KeyRole::KeyManagement);
    if (!keyManagementCertificate) {
      return keyManagementCertificate;
    }
    receipt = receiptText(begun_, *signatureCertificate, *keyManagementCertificate, clock_());
    return signWith(**application, KeyRole::Signature, *signatureCertificate, sha256(receipt),
                    &*newPin_);
  }

  ReaderService& readers_;
  Issuer& issuer_;
  Person& person_;
  const Clock& clock_;

  Step step_ = Step::Begin;
  std::unique_ptr<Card> card_;
  Begun begun_;
  std::optional<Pin> pinSetBefore_;
  std::optional<Pin> newPin_;
  std::optional<Pin> transportPin_;
};

}  // namespace

tl::expected<Outcome, Failure> activate(ReaderService& readers, const std::string& readerName,
                                        const Application& application, Issuer& issuer,
                                        Person& person, const Clock& clock) {
  return Run(readers, issuer, person, clock).run(readerName, application);
}

}  // namespace fncard::card::activation
