// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "net/client.h"
#include "server/issuance/personalisation/types.h"

namespace fncard::server::personalisation {

/// docs/api.md, "Production": one function a call. Every call may be repeated with the same effect.
class ProductionClient {
 public:
  /// options hold the station's client certificate. language: of the server's sentences.
  ProductionClient(std::string server, net::ClientOptions options, messages::Language language);

  /// Nothing when there is no job.
  Result<std::optional<Job>> claim(const std::string& idempotencyKey);
  Result<Job> job(const std::string& jobId);
  Result<CardSecrets> secrets(const std::string& jobId);
  /// The certificates, DER.
  Result<PerKey<Bytes>> certify(const std::string& jobId, const PerKey<ProvenKey>& keys);
  /// readBack: the certificates as they were read from the card.
  Result<void> checked(const std::string& jobId, const PerKey<Bytes>& readBack);
  Result<void> mailed(const std::string& jobId, const std::string& mailNumber);
  /// The job that takes this one's place.
  Result<std::string> spoiled(const std::string& jobId, const std::string& reason);

 private:
  Result<net::Response> exchange(const std::string& method, const std::string& path,
                                 std::string body);

  std::string server_;
  net::Client client_;
  messages::Language language_;
};

/// What may stand in a path: 1 to 64 letters, digits and hyphens.
bool isJobId(std::string_view text);
/// A registered-mail number: 20 digits.
bool isMailNumber(std::string_view text);

}  // namespace fncard::server::personalisation
