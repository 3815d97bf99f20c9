// SPDX-License-Identifier: Apache-2.0
#include "server/publication/publication.h"

#include "server/store/errors.h"

namespace fncard::server::publication {
namespace {

constexpr std::size_t kLongestSerial = 40;  // 20 bytes, RFC 5280 §4.1.2.2
constexpr std::size_t kCacheSize = 10'000;

status::Status statusOf(const store::Certificate& certificate) {
  status::Status result;
  result.reason = static_cast<status::Reason>(certificate.reason);
  result.since = certificate.since;
  switch (certificate.status) {
    case store::CertificateStatus::Good:
      result.status = status::CertificateStatus::Good;
      break;
    case store::CertificateStatus::OnHold:
      result.status = status::CertificateStatus::OnHold;
      break;
    case store::CertificateStatus::Revoked:
      result.status = status::CertificateStatus::Revoked;
      break;
  }
  return result;
}

}  // namespace

Result<status::Status> statusOf(store::StatusStore& store, const std::string& serial) {
  if (serial.size() > kLongestSerial) {
    return status::Status{};
  }
  const auto certificate = store.certificate(serial);
  if (certificate) {
    return statusOf(*certificate);
  }
  if (certificate.error().code == store::ErrorCode::NotFound) {
    return status::Status{};
  }
  return store::asError(certificate.error());
}

Publication::Publication(store::StatusStore& store, status::Responder& responder, hsm::Hsm& hsm,
                         issuance::AuthorityCertificates certificates, const Clock& clock,
                         Options options)
    : store_(store),
      responder_(responder),
      hsm_(hsm),
      certificates_(std::move(certificates)),
      clock_(clock),
      options_(std::move(options)) {}

Result<status::Status> Publication::status(const std::string& serial) {
  return statusOf(store_, serial);
}

Result<Judgement> Publication::judge(const trust::Certificate& certificate,
                                     const std::vector<trust::Bytes>& along, trust::Purpose purpose,
                                     std::optional<Time> at) {
  return publication::judge(store_, certificates_, certificate, along, purpose,
                            at.value_or(clock_.now()));
}

store::Bytes Publication::ocsp(const store::Bytes& request) {
  const auto parsed = responder_.parse(request);
  if (!parsed) {
    return responder_.malformedResponse();
  }
  auto response = respond(*parsed);
  return response ? *std::move(response) : responder_.tryLaterResponse();
}

Result<store::Bytes> Publication::respond(const status::OcspRequest& request) {
  std::vector<status::Status> statuses;
  for (const status::OcspQuestion& question : request.questions) {
    const auto found = question.ofOurIssuer ? status(question.serial) : status::Status{};
    if (!found) {
      return tl::unexpected(found.error());
    }
    statuses.push_back(*found);
  }
  const Time now = clock_.now();
  const bool cacheable = request.questions.size() == 1 && !request.nonce &&
                         statuses.front().status != status::CertificateStatus::Unknown;
  const CacheKey key{request.questions.front().certId, statuses.front().since};
  if (cacheable) {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(key);
    // a clock that was turned back must not leave an answer from the future in use
    if (found != cache_.end() && found->second.status == statuses.front().status &&
        now >= found->second.madeAt && now < found->second.madeAt + options_.ocspLife / 2) {
      return found->second.response;
    }
  }
  auto response = responder_.respond(request, statuses, now, now + options_.ocspLife);
  if (!response) {
    return tryAgain(response.error().detail);
  }
  if (cacheable) {
    const std::lock_guard lock(mutex_);
    if (cache_.size() >= kCacheSize) {
      cache_.clear();
    }
    cache_[key] = {statuses.front().status, *response, now};
  }
  return *std::move(response);
}

Result<store::Bytes> Publication::crl(unsigned shard) {
  if (shard >= options_.crlShards) {
    return refused(404, "request.not-found");
  }
  if (auto last = currentCrl(shard)) {
    return *std::move(last);
  }
  const std::lock_guard lock(crlMutex_);
  const auto turn = store_.crlTurn(shard);
  if (!turn) {
    return store::asError(turn.error());
  }
  // another one may have made it meanwhile
  if (auto last = currentCrl(shard)) {
    return *std::move(last);
  }
  return makeCrl(shard);
}

std::optional<store::Bytes> Publication::currentCrl(unsigned shard) {
  const auto changes = store_.changes(shard);
  const auto last = store_.crl(shard);
  const Time now = clock_.now();
  if (changes && last && last->changes == *changes &&
      now + options_.crlLife / 2 < last->nextUpdate && last->nextUpdate <= now + options_.crlLife) {
    return last->der;
  }
  return std::nullopt;
}

Result<store::Bytes> Publication::makeCrl(unsigned shard) {
  const Time now = clock_.now();
  // counted before the list is read: what changes in between makes the next CRL
  const auto changes = store_.changes(shard);
  if (!changes) {
    return store::asError(changes.error());
  }
  const auto number = store_.nextCrlNumber(shard);
  const auto notGood = store_.notGood(shard);
  if (!number || !notGood) {
    return store::asError(!number ? number.error() : notGood.error());
  }
  std::vector<status::RevokedEntry> entries;
  for (const store::Certificate& certificate : *notGood) {
    const status::Status found = statusOf(certificate);
    entries.push_back({certificate.serial, found.since, found.reason});
  }
  store::Crl made{.changes = *changes, .nextUpdate = now + options_.crlLife};
  auto der = status::makeCrl(hsm_, certificates_, issuance::crlUrl(options_.baseUrl, shard),
                             static_cast<std::uint64_t>(*number), entries, now, made.nextUpdate);
  if (!der) {
    return tryAgain(der.error().detail);
  }
  made.der = *std::move(der);
  const auto saved = store_.saveCrl(shard, made);
  if (!saved) {
    return store::asError(saved.error());
  }
  return made.der;
}

}  // namespace fncard::server::publication
