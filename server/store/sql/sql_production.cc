// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

// RFC 5280 §5.3.1
constexpr int kSuperseded = 4;

void setJobState(Session& session, const std::string& jobId, JobState state) {
  execute(session, "UPDATE jobs SET state = :state WHERE job_id = :id", std::string(name(state)),
          jobId);
}

/// The job when it is in one of the states.
Result<Job> jobIn(Session& session, const std::string& jobId,
                  std::initializer_list<JobState> states) {
  auto job = jobOf(session, jobId);
  if (job && std::ranges::find(states, job->state) == states.end()) {
    return fail(ErrorCode::WrongState, std::string(name(job->state)));
  }
  return job;
}

void insertCertificate(Session& session, const Certificate& certificate) {
  const long long shard = certificate.crlShard;
  const long long reason = certificate.reason;
  execute(session,
          "INSERT INTO certificates (serial, job_id, certificate_use, der, public_key_hash,"
          " crl_shard, status, reason, since) VALUES (:serial, :job, :use, :der, :key, :shard,"
          " :status, :reason, :since)",
          certificate.serial, certificate.jobId, std::string(name(certificate.use)),
          storedBytes(certificate.der), certificate.publicKeyHash, shard,
          std::string(name(certificate.status)), reason, secondsOf(certificate.since));
  countChange(session, shard);
}

Result<void> moveJob(Session& session, const std::string& jobId, JobState from, JobState to,
                     OrderState orderState, const std::string& actor, Time at) {
  const auto job = jobIn(session, jobId, {from});
  if (!job) {
    return tl::unexpected(job.error());
  }
  setJobState(session, jobId, to);
  return moveOrder(session, job->orderId, orderState, actor, at);
}

}  // namespace

Result<std::optional<Job>> SqlStore::claimJob(const Idempotency& idempotency,
                                              const std::string& station, const std::string& expiry,
                                              Time at) {
  return database_.write([&](Session& session) -> Result<std::optional<Job>> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    if (before->has_value()) {
      return jobOf(session, **before).map([](Job job) { return std::optional(std::move(job)); });
    }
    const auto open = select<JobRow>(session, JobRow::kSelect +
                                                  std::string(" WHERE state = 'open'"
                                                              " ORDER BY created_at, job_id"
                                                              " LIMIT 1") +
                                                  session.dialect.taken());
    if (open.empty()) {
      return std::optional<Job>();
    }
    Job job = open.front();
    job.state = JobState::Claimed;
    job.station = station;
    job.expiry = expiry;
    execute(session,
            "UPDATE jobs SET state = 'claimed', station = :station, expiry = :expiry"
            " WHERE job_id = :id",
            station, expiry, job.id);
    execute(session, "UPDATE orders SET last_day = :expiry WHERE order_id = :id", expiry,
            job.orderId);
    remember(session, idempotency, job.id, at);
    return moveOrder(session, job.orderId, OrderState::InProduction, "station:" + station, at)
        .map([&] { return std::optional(job); });
  });
}

Result<Job> SqlStore::job(const std::string& jobId) {
  return database_.read([&](Session& session) { return jobOf(session, jobId); });
}

Result<std::vector<Job>> SqlStore::jobs() {
  return database_.read([&](Session& session) -> Result<std::vector<Job>> {
    return select<JobRow>(session, JobRow::kSelect + std::string(" ORDER BY created_at, job_id"));
  });
}

Result<std::vector<Certificate>> SqlStore::certificatesOf(const std::string& jobId) {
  return database_.read([&](Session& session) -> Result<std::vector<Certificate>> {
    return select<CertificateRow>(
        session, CertificateRow::kSelect + std::string(" WHERE c.job_id = :id AND c.replaced = 0"),
        jobId);
  });
}

Result<void> SqlStore::recordCertificates(const std::string& jobId,
                                          const std::vector<Certificate>& certificates,
                                          const std::string& actor, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto job = jobIn(session, jobId, {JobState::Claimed, JobState::Certified});
    if (!job) {
      return tl::unexpected(job.error());
    }
    for (const Certificate& certificate : certificates) {
      if (!select<TextRow>(session,
                           "SELECT serial FROM certificates WHERE public_key_hash = :key"
                           " AND job_id <> :job",
                           certificate.publicKeyHash, jobId)
               .empty()) {
        return fail(ErrorCode::NotUnique, "public key");
      }
    }
    changeStatus(session, jobId, CertificateStatus::Revoked, kSuperseded, at);
    execute(session, "UPDATE certificates SET replaced = 1 WHERE job_id = :id", jobId);
    std::string serials;
    for (const Certificate& certificate : certificates) {
      insertCertificate(session, certificate);
      serials += (serials.empty() ? "" : " ") + certificate.serial;
    }
    setJobState(session, jobId, JobState::Certified);
    appendAudit(session, at, {actor, "job.certified", jobId, serials});
    return {};
  });
}

Result<void> SqlStore::markChecked(const std::string& jobId, const std::string& actor, Time at) {
  return database_.write([&](Session& session) {
    return moveJob(session, jobId, JobState::Certified, JobState::Checked, OrderState::Checked,
                   actor, at);
  });
}

Result<void> SqlStore::markMailed(const std::string& jobId, const std::string& mailNumber,
                                  const std::string& actor, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto moved =
        moveJob(session, jobId, JobState::Checked, JobState::Mailed, OrderState::Mailed, actor, at);
    if (moved) {
      execute(session,
              "UPDATE orders SET mail_number = :number"
              " WHERE order_id = (SELECT order_id FROM jobs WHERE job_id = :job)",
              mailNumber, jobId);
    }
    return moved;
  });
}

Result<std::string> SqlStore::spoil(const std::string& jobId, const std::string& reason,
                                    const std::string& newJobId, const std::string& newCardNumber,
                                    const std::string& actor, Time at) {
  return database_.write([&](Session& session) -> Result<std::string> {
    const auto job =
        jobIn(session, jobId,
              {JobState::Claimed, JobState::Certified, JobState::Checked, JobState::Spoiled});
    if (!job) {
      return tl::unexpected(job.error());
    }
    if (job->state == JobState::Spoiled) {
      return job->replacement;
    }
    if (!select<TextRow>(session, "SELECT job_id FROM jobs WHERE card_number = :number",
                         newCardNumber)
             .empty()) {
      return fail(ErrorCode::NotUnique, "card number");
    }
    changeStatus(session, jobId, CertificateStatus::Revoked, kSuperseded, at);
    execute(session,
            "INSERT INTO jobs (job_id, order_id, card_number, state, created_at)"
            " VALUES (:job, :order, :card, 'open', :at)",
            newJobId, job->orderId, newCardNumber, secondsOf(at));
    execute(session,
            "UPDATE jobs SET state = 'spoiled', spoil_reason = :reason, replacement = :replacement"
            " WHERE job_id = :job",
            reason, newJobId, jobId);
    execute(session, "UPDATE orders SET card_number = :card WHERE order_id = :id", newCardNumber,
            job->orderId);
    appendAudit(session, at, {actor, "job.spoiled", jobId, newJobId});
    return moveOrder(session, job->orderId, OrderState::Paid, actor, at).map([&] {
      return newJobId;
    });
  });
}

}  // namespace fncard::server::store::sql
