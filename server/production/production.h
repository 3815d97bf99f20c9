// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>

#include "server/base/clock.h"
#include "server/issuance/authority.h"
#include "server/production/card_secrets.h"
#include "server/store/store.h"

/// What a personalisation station asks of the server (docs/api.md, "Production").
namespace fncard::server::production {

/// One value a certificate, in the order signature, key management, card authentication.
template <typename T>
using PerKey = std::array<T, 3>;
inline constexpr PerKey<store::CertificateUse> kUses = {store::CertificateUse::Signature,
                                                        store::CertificateUse::KeyManagement,
                                                        store::CertificateUse::CardAuthentication};

struct ProvenKey {
  store::Bytes publicKey;  ///< SubjectPublicKeyInfo, DER
  store::Bytes proof;      ///< signature over "fncard key proof 1" ‖ jobId ‖ publicKey
};

struct JobView {
  store::Job job;
  store::Order order;
  std::optional<PerKey<store::Bytes>> certificates;  ///< DER
};

struct Options {
  std::string baseUrl;  ///< of OCSP and CRL in the certificates
  unsigned crlShards = 8;
};

class Production {
 public:
  struct Stores {
    store::OrderStore& orders;
    store::ProductionStore& production;
  };
  Production(Stores stores, issuance::Authority& authority, hsm::Hsm& hsm, const Clock& clock,
             Options options)
      : orders_(stores.orders),
        production_(stores.production),
        authority_(authority),
        hsm_(hsm),
        clock_(clock),
        options_(std::move(options)) {}

  /// Nothing when no card is to be made.
  Result<std::optional<JobView>> claim(const store::Idempotency& idempotency,
                                       const std::string& station);
  Result<JobView> job(const std::string& jobId);
  /// While the card is being made; 409 production.wrong-state later.
  Result<CardSecrets> secrets(const std::string& jobId, const std::string& station);
  /// The same keys give the same certificates; other keys give new ones, and the old ones are
  /// revoked. 422 production.proof-wrong, production.key-refused, 409 production.key-used.
  Result<PerKey<store::Bytes>> certify(const std::string& jobId, const PerKey<ProvenKey>& keys,
                                       const std::string& station);
  /// readBack: SHA-256 of each certificate as the station read it; 409 production.card-differs.
  Result<void> checked(const std::string& jobId, const PerKey<store::Bytes>& readBack,
                       const std::string& station);
  Result<void> mailed(const std::string& jobId, const std::string& mailNumber,
                      const std::string& station);
  /// The job of the card that is made instead.
  Result<std::string> spoiled(const std::string& jobId, const std::string& reason,
                              const std::string& station);

 private:
  Result<JobView> view(store::Job job);
  /// The job, when this station has it.
  Result<JobView> jobOf(const std::string& jobId, const std::string& station);
  Result<std::vector<store::Certificate>> issue(const JobView& view, const PerKey<ProvenKey>& keys);

  store::OrderStore& orders_;
  store::ProductionStore& production_;
  issuance::Authority& authority_;
  hsm::Hsm& hsm_;
  const Clock& clock_;
  Options options_;
};

}  // namespace fncard::server::production
