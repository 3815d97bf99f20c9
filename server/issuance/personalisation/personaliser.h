// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/reader.h"
#include "server/issuance/personalisation/types.h"
#include "server/issuance/personalisation/work_record.h"

namespace fncard::server::personalisation {

/// The card's side of one job: two visits to the card, between which the keys are certified. Both
/// may be cut at any APDU and made again.
class Personaliser {
 public:
  Personaliser(card::ReaderService& readers, std::string readerName, const Job& job,
               const CardSecrets& secrets, const WorkDirectory& directory, WorkRecord& record,
               Progress& progress);

  /// Makes the card this job's (CHUID), generates what keys are missing and has each sign that it
  /// is there.
  Result<PerKey<ProvenKey>> prepare();
  /// Writes, sets PUK, transport PIN and 9B, reads everything back and compares. The certificates
  /// as read from the card.
  Result<PerKey<Bytes>> complete(const PerKey<Bytes>& certificates);

 private:
  using Administration = card::piv::Administration;

  Result<std::unique_ptr<Administration>> begin();
  Result<void> authenticate(Administration& card) const;
  Result<void> claimCard(Administration& card);
  Result<void> findPin(Administration& card);
  Result<PerKey<ProvenKey>> prove(Administration& card, const PerKey<Bytes>& publicKeys);
  Result<PerKey<Bytes>> generate(Administration& card);
  Result<void> writeObjects(Administration& card, const PerKey<Bytes>& certificates);
  Result<void> setPuk(Administration& card);
  Result<void> setPin(Administration& card);
  Result<void> setManagementKey(Administration& card) const;
  Result<PerKey<Bytes>> readBack(Administration& card, const PerKey<Bytes>& certificates) const;
  Result<void> compare(Administration& card, card::piv::Object object, const Bytes& written) const;

  [[nodiscard]] card::CardIdentity identity() const;
  [[nodiscard]] card::PrintedInformation printed() const;
  [[nodiscard]] bool isOurs(Administration& card) const;

  card::ReaderService& readers_;
  std::string readerName_;
  const Job& job_;
  const CardSecrets& secrets_;
  const WorkDirectory& directory_;
  WorkRecord& record_;
  Progress& progress_;
  bool pinIsSet_ = false;  // the card has the transport PIN
};

/// What a key signs to show that it is on the card (docs/api.md, POST …/certificates).
Bytes proofMessage(const std::string& jobId, ByteView publicKey);

}  // namespace fncard::server::personalisation
