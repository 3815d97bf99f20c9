// SPDX-License-Identifier: Apache-2.0
#include "server/production/production.h"

#include <algorithm>

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/production/key_check.h"
#include "server/store/errors.h"
#include "trust/certificate.h"

namespace fncard::server::production {
namespace {

using store::JobState;

constexpr int kYearsValid = 5;
constexpr int kCertificateHold = 6;  // RFC 5280 §5.3.1
constexpr int kCardNumberTries = 8;
constexpr std::size_t kLastFour = 4;

tl::unexpected<Error> productionError(const store::Error& error) {
  return store::asError(error, "production.wrong-state");
}

bool isBeingMade(JobState state) {
  return state == JobState::Claimed || state == JobState::Certified;
}

std::optional<PerKey<store::Bytes>> inOrder(const std::vector<store::Certificate>& certificates) {
  PerKey<store::Bytes> result;
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    const auto found = std::ranges::find(certificates, kUses.at(i), &store::Certificate::use);
    if (found == certificates.end()) {
      return std::nullopt;
    }
    result.at(i) = found->der;
  }
  return result;
}

bool hasKeys(const std::vector<store::Certificate>& certificates, const PerKey<ProvenKey>& keys) {
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    const auto found = std::ranges::find(certificates, kUses.at(i), &store::Certificate::use);
    if (found == certificates.end() || found->publicKeyHash != sha256Hex(keys.at(i).publicKey)) {
      return false;
    }
  }
  return true;
}

issuance::CertificateUse useOf(store::CertificateUse use) {
  switch (use) {
    case store::CertificateUse::KeyManagement:
      return issuance::CertificateUse::KeyManagement;
    case store::CertificateUse::CardAuthentication:
      return issuance::CertificateUse::CardAuthentication;
    case store::CertificateUse::Signature:
      break;
  }
  return issuance::CertificateUse::Signature;
}

issuance::CertificateOrder orderFor(const JobView& view, store::CertificateUse use,
                                    const store::Bytes& publicKey) {
  const store::Order& order = view.order;
  issuance::CertificateOrder result;
  result.use = useOf(use);
  result.publicKey = publicKey;
  if (use == store::CertificateUse::CardAuthentication) {
    result.commonName = view.job.cardNumber;
    return result;
  }
  result.commonName = order.applicant.name;
  result.subjectSerial = order.subjectSerial;
  result.permitLastFour = order.permitNumber.substr(order.permitNumber.size() - kLastFour);
  result.email = order.email;
  return result;
}

}  // namespace

Result<JobView> Production::view(store::Job job) {
  auto order = orders_.order(job.orderId);
  if (!order) {
    return productionError(order.error());
  }
  const auto certificates = production_.certificatesOf(job.id);
  if (!certificates) {
    return productionError(certificates.error());
  }
  return JobView{std::move(job), *std::move(order), inOrder(*certificates)};
}

Result<std::optional<JobView>> Production::claim(const store::Idempotency& idempotency,
                                                 const std::string& station) {
  const Time now = clock_.now();
  auto job = production_.claimJob(idempotency, station,
                                  dateText(yearsLater(taipeiDate(now), kYearsValid)), now);
  if (!job) {
    return productionError(job.error());
  }
  if (!job->has_value()) {
    return std::optional<JobView>();
  }
  return view(**std::move(job)).map([](JobView found) { return std::optional(std::move(found)); });
}

Result<JobView> Production::job(const std::string& jobId) {
  auto job = production_.job(jobId);
  if (!job) {
    return productionError(job.error());
  }
  return view(*std::move(job));
}

Result<JobView> Production::jobOf(const std::string& jobId, const std::string& station) {
  auto found = job(jobId);
  if (found && found->job.station != station) {
    return refused(403, "production.job-of-another-station");
  }
  return found;
}

Result<CardSecrets> Production::secrets(const std::string& jobId, const std::string& station) {
  const auto found = jobOf(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  // a checked card may have to be read again before it is mailed, but not one that has left
  if (!isBeingMade(found->job.state) && found->job.state != JobState::Checked) {
    return refused(409, "production.wrong-state");
  }
  return deriveCardSecrets(hsm_, found->job.cardNumber);
}

Result<std::vector<store::Certificate>> Production::issue(const JobView& view,
                                                          const PerKey<ProvenKey>& keys) {
  const Time now = clock_.now();
  std::vector<store::Certificate> issued;
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    const unsigned shard = randomBelow(options_.crlShards);
    auto order = orderFor(view, kUses.at(i), keys.at(i).publicKey);
    order.baseUrl = options_.baseUrl;
    order.crlShard = shard;
    order.notBefore = now;
    auto certificate = authority_.issue(order);
    if (!certificate) {
      const auto& error = certificate.error();
      return error.code == "issuance.key-refused" ? refused(422, "production.key-refused")
                                                  : failed(error.code + ": " + error.detail);
    }
    issued.push_back({.serial = certificate->serial,
                      .jobId = view.job.id,
                      .use = kUses.at(i),
                      .der = std::move(certificate->der),
                      .publicKeyHash = sha256Hex(keys.at(i).publicKey),
                      .crlShard = shard,
                      .status = store::CertificateStatus::OnHold,
                      .reason = kCertificateHold,
                      .since = now});
  }
  return issued;
}

Result<PerKey<store::Bytes>> Production::certify(const std::string& jobId,
                                                 const PerKey<ProvenKey>& keys,
                                                 const std::string& station) {
  const auto found = jobOf(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  const auto acceptable = checkKeys(found->job.id, found->order.profile, keys);
  if (!acceptable) {
    return tl::unexpected(acceptable.error());
  }
  const auto before = production_.certificatesOf(jobId);
  if (!before) {
    return productionError(before.error());
  }
  if (hasKeys(*before, keys) && found->certificates && found->job.state != JobState::Spoiled) {
    return *found->certificates;
  }
  if (!isBeingMade(found->job.state)) {
    return refused(409, "production.wrong-state");
  }
  const auto issued = issue(*found, keys);
  if (!issued) {
    return tl::unexpected(issued.error());
  }
  const auto recorded =
      production_.recordCertificates(jobId, *issued, "station:" + station, clock_.now());
  if (!recorded) {
    return recorded.error().code == store::ErrorCode::NotUnique
               ? refused(409, "production.key-used")
               : productionError(recorded.error());
  }
  return *inOrder(*issued);
}

Result<void> Production::checked(const std::string& jobId, const PerKey<store::Bytes>& readBack,
                                 const std::string& station) {
  const auto found = jobOf(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  if (!found->certificates) {
    return refused(409, "production.wrong-state");
  }
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    if (trust::sha256(found->certificates->at(i)) != readBack.at(i)) {
      return refused(409, "production.card-differs");
    }
  }
  if (found->job.state == JobState::Checked) {
    return {};  // said before
  }
  const auto marked = production_.markChecked(jobId, "station:" + station, clock_.now());
  return marked ? Result<void>() : productionError(marked.error());
}

Result<void> Production::mailed(const std::string& jobId, const std::string& mailNumber,
                                const std::string& station) {
  const auto found = jobOf(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  if (found->job.state == JobState::Mailed && found->order.mailNumber == mailNumber) {
    return {};  // said before
  }
  const auto marked = production_.markMailed(jobId, mailNumber, "station:" + station, clock_.now());
  return marked ? Result<void>() : productionError(marked.error());
}

Result<std::string> Production::spoiled(const std::string& jobId, const std::string& reason,
                                        const std::string& station) {
  const auto found = jobOf(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  for (int i = 1;; ++i) {
    auto replacement = production_.spoil(jobId, reason, randomIdentifier(), randomCardNumber(),
                                         "station:" + station, clock_.now());
    const bool taken = !replacement && replacement.error().code == store::ErrorCode::NotUnique;
    if (replacement) {
      return *std::move(replacement);
    }
    if (!taken || i == kCardNumberTries) {
      return productionError(replacement.error());
    }
  }
}

}  // namespace fncard::server::production
