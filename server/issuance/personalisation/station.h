// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/reader.h"
#include "server/issuance/personalisation/production_client.h"
#include "server/issuance/personalisation/types.h"
#include "server/issuance/personalisation/work_record.h"

namespace fncard::server::personalisation {

/// One station: a reader, a server and a directory that remembers the job under way.
class Station {
 public:
  Station(card::ReaderService& readers, std::string wantedReader, ProductionClient& client,
          WorkDirectory& directory, Progress& progress);

  /// The job that was under way, or a new one, up to "checked", or "mailed" with a mail number.
  /// perso.no-job when there is none; card.no-reader, card.no-card and perso.card-not-blank before
  /// anything is claimed. After any other error the same call goes on where it stopped.
  Result<Job> makeCard(const std::string& mailNumber = {});

  /// Waits until the card that was made is out and another one is in.
  Result<void> waitForNextCard();

  Result<void> mail(const std::string& jobId, const std::string& mailNumber);
  /// The job that takes its place; the card goes to the shredder.
  Result<std::string> spoil(const std::string& jobId, const std::string& reason);

 private:
  Result<card::ReaderState> readerWithCard();
  Result<void> expectBlank();
  Result<Job> currentJob(WorkRecord& record);
  Result<Job> finish(Job job, WorkRecord& record, const std::string& mailNumber);
  Result<void> personalise(const Job& job, WorkRecord& record);

  card::ReaderService& readers_;
  std::string wantedReader_;
  ProductionClient& client_;
  WorkDirectory& directory_;
  Progress& progress_;
  card::ReaderState reader_;
};

}  // namespace fncard::server::personalisation
