// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>

#include "card/card.h"
#include "card/piv/administration.h"
#include "card/piv/channel.h"

namespace fncard::card::piv {

/// What a card and its applications share while the card stays in the reader.
struct CardState {
  std::unique_ptr<Connection> connection;
  CardIdentity identity;
  /// Something went wrong in an earlier transaction: select and compare before anything else.
  std::atomic<bool> doubtful = false;
};

/// The PIV card application in one transaction.
///
/// PC/SC tells of resets and removals, but not that another program selected another application in
/// a transaction of its own. So nothing is asked beforehand; when the first answers of a
/// transaction are what another application would say, it selects, checks the CHUID and sends the
/// command again: only where the first try cannot have spent a PIN try or ended a login.
class PivApplication final : public CardApplication {
 public:
  /// selected: SELECT was sent in this transaction.
  PivApplication(std::shared_ptr<CardState> state, std::unique_ptr<Transaction> transaction,
                 bool selected);

  [[nodiscard]] const CardIdentity& identity() const override { return state_->identity; }
  Result<Bytes> readCertificate(KeyRole role) override;
  Result<PrintedInformation> readPrintedInformation() override;
  Result<PinStatus> pinStatus() override;
  Result<void> verifyPin(const Pin& pin) override;
  Result<void> changePin(const Pin& current, const Pin& next) override;
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
  Result<wire::ResponseApdu> send(const wire::CommandApdu& command);

 private:
  Result<void> selectSameCard();
  Result<void> readyForPad();
  Result<void> padDone(const Result<wire::ResponseApdu>& answer, std::string_view what);
  Result<void> changeReference(std::uint8_t instruction, std::uint8_t reference, ByteView first,
                               ByteView second);
  Result<wire::ResponseApdu> authenticate(KeyRole role, KeyAlgorithm algorithm, std::uint32_t tag,
                                          ByteView input);

  std::shared_ptr<CardState> state_;
  std::unique_ptr<Transaction> transaction_;
  Channel channel_;
  bool selected_;
};

/// SELECT and CHUID, compared with what was read when the card was opened; CardRemoved when it is
/// another card.
Result<void> selectAndCompare(Channel& channel, const CardIdentity& expected);

}  // namespace fncard::card::piv
