// SPDX-License-Identifier: Apache-2.0
#include "card/piv/application.h"

#include <algorithm>
#include <new>
#include <utility>

#include "card/piv/certificate_object.h"
#include "card/piv/commands.h"
#include "card/piv/pin_pad.h"
#include "card/piv/signature_check.h"
#include "card/piv/status.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kChangeReferenceData = 0x24;
constexpr std::uint8_t kResetRetryCounter = 0x2C;
constexpr std::uint8_t kForget = 0xFF;
constexpr std::uint8_t kPinReference = 0x80;
constexpr std::uint8_t kPukReference = 0x81;

constexpr std::uint32_t kDynamicAuthentication = 0x7C;
constexpr std::uint32_t kChallenge = 0x81;
constexpr std::uint32_t kResponse = 0x82;
constexpr std::uint32_t kExponentiation = 0x85;
constexpr std::uint8_t kUncompressedPoint = 0x04;

/// Data of a command that is wiped whatever happens.
struct Wiped {
  explicit Wiped(wire::CommandApdu value) : command(std::move(value)) {}
  ~Wiped() { wipe(command.data); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  wire::CommandApdu command;
};

Result<void> done(const Result<wire::ResponseApdu>& answer, std::string_view what) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (!answer->status.ok()) {
    return tl::unexpected(toError(answer->status, what));
  }
  return {};
}

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) with two positive integers that can belong to the curve.
bool isEcdsaSignature(ByteView der, std::size_t size) {
  wire::TlvReader outer(der);
  const auto sequence = outer.next();
  if (!sequence || sequence->tag != 0x30 || !outer.atEnd()) {
    return false;
  }
  wire::TlvReader inner(sequence->value);
  for (int i = 0; i < 2; ++i) {
    const auto integer = inner.next();
    if (!integer || integer->tag != 0x02 || integer->value.empty() ||
        (integer->value.front() & 0x80U) != 0) {
      return false;
    }
    const bool zeroInFront = integer->value.front() == 0;
    if (integer->value.size() > size + (zeroInFront ? 1 : 0) ||
        (zeroInFront && integer->value.size() == 1)) {
      return false;
    }
  }
  return inner.atEnd();
}

/// The expected data object, in locked memory; the answer is wiped.
Result<SecretBytes> takeSecret(Result<wire::ResponseApdu> answer, std::size_t size) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const auto part = templatePart(*answer, kDynamicAuthentication, kResponse);
  Result<SecretBytes> secret = failed(ErrorCode::Malformed, "answer of another size than the key");
  if (part && part->size() == size) {
    try {
      const auto offset = static_cast<std::size_t>(part->data() - answer->data.data());
      secret = SecretBytes::take(std::span(answer->data).subspan(offset, size));
    } catch (const std::bad_alloc&) {
      secret = failed(ErrorCode::Internal, "no locked memory");
    }
  }
  wipe(answer->data);
  return secret;
}

}  // namespace

PivApplication::PivApplication(std::shared_ptr<CardState> state,
                               std::unique_ptr<Transaction> transaction, bool selected)
    : state_(std::move(state)),
      transaction_(std::move(transaction)),
      selection_(state_, *transaction_, selected) {}

PivApplication::~PivApplication() {
  try {
    const auto unsaved = state_->certificates.takeUnsaved();
    transaction_.reset();
    if (unsaved) {
      state_->certificates.cache().store(*unsaved);
    }
  } catch (...) {
    return;  // no memory: nothing is cached, and the card is read the next time
  }
}

Result<Bytes> PivApplication::readObject(Object object) {
  const auto answer = send(getData(object));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return objectContent(object, *answer);
}

Result<Bytes> PivApplication::readCertificate(KeyRole role) {
  if (const Bytes* known = state_->certificates.find(role)) {
    return known->empty() ? Result<Bytes>(failed(ErrorCode::ObjectNotFound, "read before"))
                          : *known;
  }
  const auto content = readObject(certificateObject(role));
  auto certificate = content ? parseCertificateObject(*content) : tl::unexpected(content.error());
  if (certificate || certificate.error().code == ErrorCode::ObjectNotFound) {
    state_->certificates.learn(role, certificate.value_or(Bytes()));
  }
  return certificate;
}

Result<PrintedInformation> PivApplication::readPrintedInformation() {
  const auto content = readObject(Object::PrintedInformation);
  if (!content) {
    return tl::unexpected(content.error());
  }
  return parsePrintedInformation(*content);
}

Result<PinStatus> PivApplication::pinStatus() {
  if (auto sure = selection_.confirm(); !sure) {
    return tl::unexpected(sure.error());
  }
  const auto answer = send({.ins = kVerify, .p2 = kPinReference});
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const auto tries = answer->status.triesLeft();
  if (answer->status.ok()) {
    return PinStatus{.verified = true};
  }
  if (tries && *tries > 0) {
    return PinStatus{.triesLeft = tries};
  }
  if (tries || answer->status == wire::sw::kAuthenticationBlocked) {
    return PinStatus{.triesLeft = 0, .blocked = true};
  }
  return tl::unexpected(toError(answer->status, "VERIFY without data"));
}

/// A PIN or PUK goes out once. Only when the refusal was another application's, ours gets it too.
Result<void> PivApplication::sendReference(const wire::CommandApdu& command,
                                           std::string_view what) {
  auto answer = selection_.exchange(command);
  if (!answer || answer->status.ok()) {
    return done(answer, what);
  }
  const auto ours = selection_.wasOurs();
  if (!ours) {
    return tl::unexpected(ours.error());
  }
  if (*ours) {
    return done(answer, what);
  }
  if (auto unseen = wasNotSpent(answer->status); !unseen) {
    return unseen;
  }
  answer = selection_.exchange(command);
  if (answer && !answer->status.ok()) {
    const auto stillOurs = selection_.wasOurs();
    if (!stillOurs || !*stillOurs) {
      return stillOurs ? failed(ErrorCode::CardFailed, "another program is selecting in between")
                       : tl::unexpected(stillOurs.error());
    }
  }
  return done(answer, what);
}

/// After another application's refusal: our own counter must differ from what it said. Where both
/// are the same, it cannot be told whose try was spent, and sending the PIN again might cost a
/// second one.
Result<void> PivApplication::wasNotSpent(wire::StatusWord refusal) {
  const bool counted =
      refusal.triesLeft().has_value() || refusal == wire::sw::kAuthenticationBlocked;
  if (!counted) {
    return {};
  }
  const auto own = pinStatus();
  if (!own) {
    return tl::unexpected(own.error());
  }
  const bool same = !own->verified && own->triesLeft == refusal.triesLeft().value_or(0);
  return same ? failed(ErrorCode::CardFailed, "another application answered; nothing is repeated")
              : Result<void>();
}

Result<void> PivApplication::verifyPin(const Pin& pin) {
  accepted_.reset();
  if (state_->shared) {
    if (auto sure = selection_.confirm(); !sure) {
      return sure;
    }
  }
  const Wiped verify({.ins = kVerify,
                      .p2 = kPinReference,
                      .data = Bytes(pin.padded().begin(), pin.padded().end())});
  auto verified = sendReference(verify.command, "VERIFY");
  if (verified) {
    try {
      accepted_ = pin.clone();
    } catch (const std::bad_alloc&) {
      accepted_.reset();  // no locked memory: what follows is then not tried a second time
    }
  }
  return verified;
}

Result<void> PivApplication::changeReference(std::uint8_t instruction, std::uint8_t reference,
                                             ByteView first, ByteView second) {
  if (auto sure = selection_.confirm(); !sure) {
    return sure;
  }
  accepted_.reset();
  Bytes data;
  data.reserve(first.size() + second.size());
  data.insert(data.end(), first.begin(), first.end());
  data.insert(data.end(), second.begin(), second.end());
  const Wiped change({.ins = instruction, .p2 = reference, .data = std::move(data)});
  return sendReference(change.command, instruction == kResetRetryCounter ? "RESET RETRY COUNTER"
                                                                         : "CHANGE REFERENCE DATA");
}

Result<void> PivApplication::changePin(const Pin& current, const Pin& next) {
  return changeReference(kChangeReferenceData, kPinReference, current.padded(), next.padded());
}

/// Part 2 §3.2.1. Not asked whose application it reaches: ours has forgotten the PIN when another
/// was selected (part 1 §4.3).
Result<void> PivApplication::logOut() {
  accepted_.reset();
  return done(selection_.exchange({.ins = kVerify, .p1 = kForget, .p2 = kPinReference}),
              "VERIFY to forget the PIN");
}

bool PivApplication::hasPinPad() {
  const auto pad = transaction_->pinPad();
  return pad && pad->canVerify;
}

Result<void> PivApplication::padDone(const Result<wire::ResponseApdu>& answer,
                                     std::string_view what) {
  state_->doubtful = state_->doubtful || !answer;
  return padResult(answer, what);
}

Result<void> PivApplication::verifyPinOnPad() {
  const auto pad = transaction_->pinPad();
  if (!pad || !pad->canVerify) {
    return failed(ErrorCode::Unsupported, "no PIN pad that verifies");
  }
  if (auto ready = selection_.confirm(); !ready) {
    return ready;
  }
  return padDone(transaction_->verifyOnPad(pinVerifyStructure(*pad)), "VERIFY on the PIN pad");
}

Result<void> PivApplication::changePinOnPad() {
  const auto pad = transaction_->pinPad();
  if (!pad || !pad->canModify) {
    return failed(ErrorCode::Unsupported, "no PIN pad that changes a PIN");
  }
  if (auto ready = selection_.confirm(); !ready) {
    return ready;
  }
  return padDone(transaction_->modifyOnPad(pinModifyStructure(*pad)),
                 "CHANGE REFERENCE DATA on the PIN pad");
}

Result<void> PivApplication::unblockPin(const Puk& puk, const Pin& next) {
  return changeReference(kResetRetryCounter, kPinReference, puk.bytes(), next.padded());
}

Result<void> PivApplication::changePuk(const Puk& current, const Puk& next) {
  return changeReference(kChangeReferenceData, kPukReference, current.bytes(), next.bytes());
}

Result<wire::ResponseApdu> PivApplication::authenticate(KeyRole role, KeyAlgorithm algorithm,
                                                        std::uint32_t tag, ByteView input) {
  Bytes parts = wire::encodeTlv(kResponse, {});
  wire::appendTlv(parts, tag, input);
  const std::size_t answerSize = isRsa(algorithm) ? keySize(algorithm) : 2 * keySize(algorithm);
  const Wiped operation(
      generalAuthenticate(algorithmId(algorithm), keyReference(role), parts, answerSize));
  auto answer = selection_.exchange(operation.command);
  if (answer && !answer->status.ok()) {
    const auto again = mayTryAgain(answer->status);
    if (!again) {
      return tl::unexpected(again.error());
    }
    if (*again) {
      answer = selection_.exchange(operation.command);
    }
  }
  if (answer && !answer->status.ok()) {
    return tl::unexpected(toError(answer->status, "GENERAL AUTHENTICATE"));
  }
  return answer;
}

/// After a refused private-key operation: whether our application did not see it, or has lost the
/// PIN on the way; it has it again then.
Result<bool> PivApplication::mayTryAgain(wire::StatusWord status) {
  bool lost = status == wire::sw::kSecurityStatusNotSatisfied && accepted_;
  if (!selection_.confirmed()) {
    const auto ours = selection_.wasOurs();
    if (!ours) {
      return tl::unexpected(ours.error());
    }
    lost = lost || !*ours;
  }
  if (lost && accepted_) {
    const Pin pin = std::move(*accepted_);
    if (auto verified = verifyPin(pin); !verified) {
      return tl::unexpected(verified.error());
    }
  }
  return lost;
}

Result<Bytes> PivApplication::signUnchecked(KeyRole role, KeyAlgorithm algorithm, ByteView block) {
  const auto answer = authenticate(role, algorithm, kChallenge, block);
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (role == KeyRole::Signature) {
    accepted_.reset();  // the next signature wants a PIN of its own
  }
  const auto signature = templatePart(*answer, kDynamicAuthentication, kResponse);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  const std::size_t size = keySize(algorithm);
  if (isRsa(algorithm) ? signature->size() != size : !isEcdsaSignature(*signature, size)) {
    return failed(ErrorCode::Malformed, "signature of the wrong form");
  }
  return Bytes(signature->begin(), signature->end());
}

/// Why the known certificate does not verify a signature. The certificate is read anew.
Error PivApplication::whyWrong(KeyRole role, KeyAlgorithm algorithm, ByteView block,
                               ByteView signature) {
  if (auto same = selection_.selectAgain(); !same) {
    return same.error();
  }
  state_->certificates.forget();
  const auto certificate = readCertificate(role);
  if (!certificate) {
    return certificate.error();
  }
  if (isSignatureOf(*certificate, algorithm, block, signature)) {
    // right, but not for those who were given the old certificate: they must look again
    return {.code = ErrorCode::CardRemoved, .detail = "the card has another certificate by now"};
  }
  return {.code = ErrorCode::CardFailed, .detail = "a signature that does not verify"};
}

Result<Bytes> PivApplication::sign(KeyRole role, KeyAlgorithm algorithm, ByteView input) {
  const std::size_t size = keySize(algorithm);
  const bool fits =
      isRsa(algorithm) ? input.size() == size : !input.empty() && input.size() <= size;
  if (!fits) {
    return failed(ErrorCode::Internal, "input of another size than the key");
  }
  // cards want a digest of the curve's size (SP 800-73-4 part 2 §3.2.4); zeros in front do not
  // change the number it stands for
  Bytes block(size - input.size());
  block.insert(block.end(), input.begin(), input.end());
  auto signature = signUnchecked(role, algorithm, block);
  const Bytes* certificate = state_->certificates.find(role);
  if (!signature || certificate == nullptr || certificate->empty() ||
      isSignatureOf(*certificate, algorithm, block, *signature)) {
    return signature;
  }
  return tl::unexpected(whyWrong(role, algorithm, block, *signature));
}

Result<SecretBytes> PivApplication::decipher(KeyRole role, KeyAlgorithm algorithm, ByteView input) {
  const std::size_t size = keySize(algorithm);
  if (!isRsa(algorithm) || input.size() != size) {
    return failed(isRsa(algorithm) ? ErrorCode::Internal : ErrorCode::Unsupported,
                  "input of another size than the RSA key");
  }
  return takeSecret(authenticate(role, algorithm, kChallenge, input), size);
}

Result<SecretBytes> PivApplication::agree(KeyRole role, KeyAlgorithm algorithm, ByteView point) {
  const std::size_t size = keySize(algorithm);
  if (isRsa(algorithm) || point.size() != 2 * size + 1 || point.front() != kUncompressedPoint) {
    return failed(isRsa(algorithm) ? ErrorCode::Unsupported : ErrorCode::Internal,
                  "not an uncompressed point of the key's curve");
  }
  return takeSecret(authenticate(role, algorithm, kExponentiation, point), size);
}

}  // namespace fncard::card::piv
