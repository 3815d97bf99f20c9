// SPDX-License-Identifier: Apache-2.0
#include "card/piv/application.h"

#include <algorithm>
#include <new>
#include <utility>

#include "card/piv/certificate_object.h"
#include "card/piv/commands.h"
#include "card/piv/pin_pad.h"
#include "card/piv/status.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kChangeReferenceData = 0x24;
constexpr std::uint8_t kResetRetryCounter = 0x2C;
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

/// True for answers that the selected PIV application may have given with an effect that a second
/// try would double: a spent PIN try; and "PIN first", where selecting would end another login.
bool mustStand(const wire::CommandApdu& command, wire::StatusWord status) {
  return status.ok() || status.triesLeft().has_value() ||
         (status == wire::sw::kSecurityStatusNotSatisfied && command.ins != kVerify);
}

Result<void> done(const Result<wire::ResponseApdu>& answer, std::string_view what) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (!answer->status.ok()) {
    return tl::unexpected(toError(answer->status, what));
  }
  return {};
}

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) with two integers that can belong to the curve.
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
        integer->value.size() > size + 1) {
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

Result<void> selectAndCompare(Channel& channel, const CardIdentity& expected) {
  auto selected = selectApplication(channel);
  if (!selected) {
    if (selected.error().code == ErrorCode::UnknownCard) {
      return failed(ErrorCode::CardRemoved, "another card: " + selected.error().detail);
    }
    return selected;
  }
  const auto identity = readIdentity(channel);
  if (!identity || *identity != expected) {
    return failed(ErrorCode::CardRemoved,
                  identity ? "another card" : "no CHUID: " + identity.error().detail);
  }
  return {};
}

PivApplication::PivApplication(std::shared_ptr<CardState> state,
                               std::unique_ptr<Transaction> transaction, bool selected)
    : state_(std::move(state)),
      transaction_(std::move(transaction)),
      channel_(*transaction_, state_->connection->readerName()),
      selected_(selected) {}

Result<void> PivApplication::selectSameCard() {
  return selectAndCompare(channel_, state_->identity);
}

Result<wire::ResponseApdu> PivApplication::send(const wire::CommandApdu& command) {
  auto answer = channel_.send(command);
  if (!answer) {
    state_->doubtful = true;
    return answer;
  }
  if (selected_ || mustStand(command, answer->status)) {
    selected_ = selected_ || answer->status.ok();
    return answer;
  }
  if (const auto same = selectSameCard(); !same) {
    state_->doubtful = true;
    return tl::unexpected(same.error());
  }
  selected_ = true;
  return channel_.send(command);
}

Result<Bytes> PivApplication::readObject(Object object) {
  const auto answer = send(getData(object));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return objectContent(object, *answer);
}

Result<Bytes> PivApplication::readCertificate(KeyRole role) {
  const auto content = readObject(certificateObject(role));
  if (!content) {
    return tl::unexpected(content.error());
  }
  return parseCertificateObject(*content);
}

Result<PrintedInformation> PivApplication::readPrintedInformation() {
  const auto content = readObject(Object::PrintedInformation);
  if (!content) {
    return tl::unexpected(content.error());
  }
  return parsePrintedInformation(*content);
}

Result<PinStatus> PivApplication::pinStatus() {
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

Result<void> PivApplication::verifyPin(const Pin& pin) {
  const Wiped verify({.ins = kVerify,
                      .p2 = kPinReference,
                      .data = Bytes(pin.padded().begin(), pin.padded().end())});
  return done(send(verify.command), "VERIFY");
}

Result<void> PivApplication::changeReference(std::uint8_t instruction, std::uint8_t reference,
                                             ByteView first, ByteView second) {
  Bytes data;
  data.reserve(first.size() + second.size());
  data.insert(data.end(), first.begin(), first.end());
  data.insert(data.end(), second.begin(), second.end());
  const Wiped change({.ins = instruction, .p2 = reference, .data = std::move(data)});
  return done(send(change.command),
              instruction == kResetRetryCounter ? "RESET RETRY COUNTER" : "CHANGE REFERENCE DATA");
}

Result<void> PivApplication::changePin(const Pin& current, const Pin& next) {
  return changeReference(kChangeReferenceData, kPinReference, current.padded(), next.padded());
}

bool PivApplication::hasPinPad() {
  const auto pad = transaction_->pinPad();
  return pad && pad->canVerify;
}

/// What the person types must reach this card and this application at the first try.
Result<void> PivApplication::readyForPad() {
  if (selected_) {
    return {};
  }
  auto same = selectSameCard();
  selected_ = same.has_value();
  state_->doubtful = !selected_;
  return same;
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
  if (auto ready = readyForPad(); !ready) {
    return ready;
  }
  return padDone(transaction_->verifyOnPad(pinVerifyStructure(*pad)), "VERIFY on the PIN pad");
}

Result<void> PivApplication::changePinOnPad() {
  const auto pad = transaction_->pinPad();
  if (!pad || !pad->canModify) {
    return failed(ErrorCode::Unsupported, "no PIN pad that changes a PIN");
  }
  if (auto ready = readyForPad(); !ready) {
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
  auto answer =
      send(generalAuthenticate(algorithmId(algorithm), keyReference(role), parts, answerSize));
  if (answer && !answer->status.ok()) {
    return tl::unexpected(toError(answer->status, "GENERAL AUTHENTICATE"));
  }
  return answer;
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
  const auto answer = authenticate(role, algorithm, kChallenge, block);
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const auto signature = templatePart(*answer, kDynamicAuthentication, kResponse);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  if (isRsa(algorithm) ? signature->size() != size : !isEcdsaSignature(*signature, size)) {
    return failed(ErrorCode::Malformed, "signature of the wrong form");
  }
  return Bytes(signature->begin(), signature->end());
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
