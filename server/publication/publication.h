// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/publication/judge.h"

/// What the world may ask of certificates, answered from the store: a status that changed is told
/// from the next answer on.
namespace fncard::server::publication {

struct Options {
  std::string baseUrl;
  unsigned crlShards = 8;
  std::chrono::seconds ocspLife = std::chrono::hours(1);
  std::chrono::seconds crlLife = std::chrono::hours(24);
};

class Publication {
 public:
  Publication(store::StatusStore& store, status::Responder& responder, hsm::Hsm& hsm,
              issuance::AuthorityCertificates certificates, const Clock& clock, Options options);

  /// DER OCSPResponse for a DER OCSPRequest; always one, also for a malformed request.
  store::Bytes ocsp(const store::Bytes& request);

  /// The CRL of a shard, DER: the last one while nothing changed and it has half its life before
  /// it.
  Result<store::Bytes> crl(unsigned shard);

  /// One certificate, by its serial number in hexadecimal.
  Result<status::Status> status(const std::string& serial);

  /// As publication::judge, for now unless a time is given.
  Result<Judgement> judge(const trust::Certificate& certificate,
                          const std::vector<trust::Bytes>& along, trust::Purpose purpose,
                          std::optional<Time> at);

 private:
  using CacheKey = std::pair<store::Bytes, Time>;  ///< CertID and since when its status is so
  struct Cached {
    status::CertificateStatus status = status::CertificateStatus::Unknown;
    store::Bytes response;
    Time madeAt{};
  };
  Result<store::Bytes> respond(const status::OcspRequest& request);
  std::optional<store::Bytes> currentCrl(unsigned shard);
  Result<store::Bytes> makeCrl(unsigned shard);

  store::StatusStore& store_;
  status::Responder& responder_;
  hsm::Hsm& hsm_;
  issuance::AuthorityCertificates certificates_;
  const Clock& clock_;
  Options options_;

  std::mutex mutex_;
  std::map<CacheKey, Cached> cache_;  ///< answers without a nonce
  std::mutex crlMutex_;
};

}  // namespace fncard::server::publication
