// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "card/card.h"
#include "card/piv/administration.h"
#include "card/piv/selection.h"

namespace fncard::card::piv {

/// The PIV card application in one transaction.
///
/// What holds when other programs use the card between two of our transactions (Selection): a wrong
/// PIN costs one try of our card, never two; a refusal is reported only when our application gave
/// it; commands that change a PIN or ask for a counter reach no other application. A VERIFY goes
/// out without a question before it, so another application that takes the same command may lose
/// one try to it; from then on each transaction compares before the PIN. A card that was swapped
/// without PC/SC telling of it (a reader that lies) has nothing selected: a PIN in a command that
/// no application takes is the most it can get, and its answer is a removal.
class PivApplication final : public CardApplication {
 public:
  /// selected: SELECT was sent in this transaction.
  PivApplication(std::shared_ptr<CardState> state, std::unique_ptr<Transaction> transaction,
                 bool selected);
  ~PivApplication() override;
  PivApplication(const PivApplication&) = delete;
  PivApplication& operator=(const PivApplication&) = delete;

  [[nodiscard]] const CardIdentity& identity() const override { return state_->identity; }
  Result<Bytes> readCertificate(KeyRole role) override;
  Result<void> confirmCertificate(KeyRole role) override;
  Result<PrintedInformation> readPrintedInformation() override;
  Result<PinStatus> pinStatus() override;
  Result<void> verifyPin(const Pin& pin) override;
  Result<void> changePin(const Pin& current, const Pin& next) override;
  Result<void> logOut() override;
  bool hasPinPad() override;
  Result<void> verifyPinOnPad() override;
  Result<void> changePinOnPad() override;
  Result<void> unblockPin(const Puk& puk, const Pin& next) override;
  Result<void> changePuk(const Puk& current, const Puk& next) override;
  Result<Bytes> sign(KeyRole role, KeyAlgorithm algorithm, ByteView input) override;
  Result<SecretBytes> decipher(KeyRole role, KeyAlgorithm algorithm, ByteView input) override;
  Result<SecretBytes> agree(KeyRole role, KeyAlgorithm algorithm, ByteView point) override;

  /// GET DATA: what is inside the object's template.
  Result<Bytes> readObject(Object object);
  /// The answer, whatever its status word says.
  Result<wire::ResponseApdu> send(const wire::CommandApdu& command) {
    return selection_.send(command);
  }
  /// A certificate of the card may be another one now.
  void forgetCertificates() { state_->certificates.forget(); }

 private:
  Result<void> sendReference(const wire::CommandApdu& command, std::string_view what);
  Result<void> wasNotSpent(wire::StatusWord refusal);
  Result<void> padDone(const Result<wire::ResponseApdu>& answer, std::string_view what);
  Result<void> changeReference(std::uint8_t instruction, std::uint8_t reference, ByteView first,
                               ByteView second);
  Result<wire::ResponseApdu> authenticate(KeyRole role, KeyAlgorithm algorithm, std::uint32_t tag,
                                          ByteView input);
  Result<bool> mayTryAgain(wire::StatusWord status);
  Result<Bytes> signUnchecked(KeyRole role, KeyAlgorithm algorithm, ByteView block);
  Result<Bytes> readCertificateOfCard(KeyRole role);
  Error whyRefused(KeyRole role, Error refusal);
  Error whyWrong(KeyRole role, KeyAlgorithm algorithm, ByteView block, ByteView signature);

  std::shared_ptr<CardState> state_;
  std::unique_ptr<Transaction> transaction_;
  Selection selection_;
  /// The PIN that was accepted in this transaction, until a signature has used it up: our
  /// application gets it again when another one had taken it, or when the login was lost on the
  /// way (a reader that refuses an extended command).
  std::optional<Pin> accepted_;
};

}  // namespace fncard::card::piv
