// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/station.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "server/issuance/personalisation/personaliser.h"

namespace fncard::server::personalisation {
namespace {

constexpr std::chrono::seconds kReaderWait{60};

Result<std::string> randomKey() {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return stopped(card::messageCode(card::ErrorCode::Internal));
  }
  return wire::toHex(bytes);
}

}  // namespace

Station::Station(card::ReaderService& readers, std::string wantedReader, ProductionClient& client,
                 WorkDirectory& directory, Progress& progress)
    : readers_(readers),
      wantedReader_(std::move(wantedReader)),
      client_(client),
      directory_(directory),
      progress_(progress) {}

Result<card::ReaderState> Station::readerWithCard() {
  const auto states = readers_.readers();
  if (!states) {
    return stopped(states.error());
  }
  bool seen = false;
  for (const card::ReaderState& state : *states) {
    if (state.name.find(wantedReader_) != std::string::npos) {
      seen = true;
      if (state.cardPresent) {
        return state;
      }
    }
  }
  return stopped(card::messageCode(seen ? card::ErrorCode::NoCard : card::ErrorCode::NoReader));
}

// The key of the claim is on the disk before the claim: a lost answer is asked for again and gives
// the same job, never a second one.
Result<Job> Station::currentJob(WorkRecord& record) {
  if (record.idempotencyKey.empty()) {
    auto key = randomKey();
    if (!key) {
      return tl::unexpected(key.error());
    }
    record.idempotencyKey = std::move(*key);
    if (auto stored = directory_.store(record); !stored) {
      return tl::unexpected(stored.error());
    }
  }
  if (!record.jobId.empty()) {
    return client_.job(record.jobId);
  }
  auto job = client_.claim(record.idempotencyKey);
  if (!job) {
    return tl::unexpected(job.error());
  }
  if (!*job) {
    if (auto cleared = directory_.clear(); !cleared) {
      return tl::unexpected(cleared.error());
    }
    return stopped("perso.no-job");
  }
  record.jobId = (*job)->jobId;
  if (auto stored = directory_.store(record); !stored) {
    return tl::unexpected(stored.error());
  }
  return std::move(**job);
}

Result<void> Station::personalise(const Job& job, WorkRecord& record) {
  const auto secrets = client_.secrets(job.jobId);
  if (!secrets) {
    return tl::unexpected(secrets.error());
  }
  Personaliser personaliser(readers_, reader_.name, job, *secrets, directory_, record, progress_);
  const auto keys = personaliser.prepare();
  if (!keys) {
    return tl::unexpected(keys.error());
  }
  progress_.step("perso.step-certificates", {});
  const auto certificates = client_.certify(job.jobId, *keys);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  const auto readBack = personaliser.complete(*certificates);
  if (!readBack) {
    return tl::unexpected(readBack.error());
  }
  return client_.checked(job.jobId, *readBack);
}

// Before anything is claimed for it: a card that is somebody's is taken out again.
Result<void> Station::expectBlank() {
  const auto card = card::piv::beginAdministration(readers_, reader_.name);
  if (!card) {
    return stopped(card.error());
  }
  const std::string& cardNumber = (*card)->application().identity().cardNumber;
  return cardNumber.empty() ? Result<void>()
                            : stopped("perso.card-not-blank", {{"cardNumber", cardNumber}});
}

// What is left of a job whose state at the server is known. The directory forgets it last.
Result<Job> Station::finish(Job job, WorkRecord& record, const std::string& mailNumber) {
  if (job.state == "spoiled") {
    if (auto cleared = directory_.clear(); !cleared) {
      return tl::unexpected(cleared.error());
    }
    return stopped("perso.job-spoiled", {{"jobId", job.jobId}});
  }
  progress_.step("perso.job", {{"jobId", job.jobId}, {"cardNumber", job.cardNumber}});
  if (job.state != "checked" && job.state != "mailed") {
    if (auto made = personalise(job, record); !made) {
      return tl::unexpected(made.error());
    }
    job.state = "checked";
  }
  if (job.state == "checked" && !mailNumber.empty()) {
    if (auto mailed = client_.mailed(job.jobId, mailNumber); !mailed) {
      return tl::unexpected(mailed.error());
    }
    job.state = "mailed";
  }
  if (auto cleared = directory_.clear(); !cleared) {
    return tl::unexpected(cleared.error());
  }
  return job;
}

Result<Job> Station::makeCard(const std::string& mailNumber) {
  auto reader = readerWithCard();
  if (!reader) {
    return tl::unexpected(reader.error());
  }
  reader_ = std::move(*reader);
  auto loaded = directory_.load();
  if (!loaded) {
    return tl::unexpected(loaded.error());
  }
  if (!*loaded) {
    if (auto blank = expectBlank(); !blank) {
      return tl::unexpected(blank.error());
    }
  }
  WorkRecord record = loaded->value_or(WorkRecord{});
  auto job = currentJob(record);
  if (!job) {
    return job;
  }
  return finish(std::move(*job), record, mailNumber);
}

Result<void> Station::waitForNextCard() {
  progress_.step("perso.next-card", {});
  auto states = readers_.readers();
  while (states) {
    for (const card::ReaderState& state : *states) {
      const bool sameReader = state.name == reader_.name;
      if (sameReader && state.cardPresent && state.eventCount != reader_.eventCount) {
        return {};
      }
    }
    states = readers_.waitForChange(*states, kReaderWait);
  }
  return stopped(states.error());
}

Result<void> Station::mail(const std::string& jobId, const std::string& mailNumber) {
  return client_.mailed(jobId, mailNumber);
}

Result<std::string> Station::spoil(const std::string& jobId, const std::string& reason) {
  auto replacement = client_.spoiled(jobId, reason);
  if (!replacement) {
    return replacement;
  }
  const auto record = directory_.load();
  if (record && *record && (*record)->jobId == jobId) {
    if (auto cleared = directory_.clear(); !cleared) {
      return tl::unexpected(cleared.error());
    }
  }
  return replacement;
}

}  // namespace fncard::server::personalisation
