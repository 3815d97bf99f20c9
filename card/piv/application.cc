// SPDX-License-Identifier: Apache-2.0
#include "card/piv/application.h"

#include <new>
#include <utility>

#include "card/piv/certificate_object.h"
#include "card/piv/commands.h"
#include "card/piv/pin_pad.h"
#include "card/piv/status.h"
#include "card/piv/wiped_command.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kChangeReferenceData = 0x24;
constexpr std::uint8_t kResetRetryCounter = 0x2C;
constexpr std::uint8_t kForget = 0xFF;
constexpr std::uint8_t kPinReference = 0x80;
constexpr std::uint8_t kPukReference = 0x81;

Result<void> done(const Result<wire::ResponseApdu>& answer, std::string_view what) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (!answer->status.ok()) {
    return tl::unexpected(toError(answer->status, what, After::Pin));
  }
  return {};
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
  return readCertificateOfCard(role);
}

Result<void> PivApplication::confirmCertificate(KeyRole role) {
  const Bytes* cached = state_->certificates.findUnconfirmed(role);
  if (cached == nullptr) {
    return {};
  }
  const Bytes expected = *cached;
  const auto content = readObject(certificateObject(role));
  const auto certificate =
      content ? parseCertificateObject(*content) : tl::unexpected(content.error());
  if (certificate && *certificate == expected) {
    state_->certificates.confirm(role);
    return {};
  }
  if (!certificate && certificate.error().code != ErrorCode::ObjectNotFound &&
      certificate.error().code != ErrorCode::Malformed) {
    return tl::unexpected(certificate.error());
  }
  state_->certificates.forget();
  return failed(ErrorCode::CardRemoved, "the card has another certificate by now");
}

Result<Bytes> PivApplication::readCertificateOfCard(KeyRole role) {
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
  const WipedCommand verify({.ins = kVerify,
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
  const WipedCommand change({.ins = instruction, .p2 = reference, .data = std::move(data)});
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

}  // namespace fncard::card::piv
