// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "server/api/api.h"
#include "server/program/configuration.h"

namespace fncard::server::program {

/// Where a command's time comes from: the system, moved by seconds or by a file with seconds; both
/// for the sandbox alone.
struct TimeOptions {
  long long offsetSeconds = 0;
  std::string clockFile;
};
Outcome<std::unique_ptr<Clock>> makeClock(const TimeOptions& options,
                                          const Configuration& configuration);

/// What a command says in place of the configuration; empty: as configured.
struct Overrides {
  std::string baseUrl;
  std::string portalUrl;
  std::string registryUrl;
  std::string gatewayUrl;
};

/// With the configuration of the directory, or with this one.
Outcome<std::unique_ptr<store::Store>> openStore(const Files& files);
Outcome<std::unique_ptr<store::Store>> openStore(const Files& files,
                                                 const Configuration& configuration);
Outcome<std::unique_ptr<hsm::Hsm>> openHsm(const Files& files, const Configuration& configuration);

/// Payments over the store, for `purge`, which needs no HSM.
class Cashier {
 public:
  Cashier(store::Store& store, const Clock& clock, const Configuration& configuration,
          const Overrides& overrides);
  payment::PaymentService& service() { return *service_; }

 private:
  std::unique_ptr<payment::PaymentProvider> provider_;
  std::unique_ptr<payment::PaymentService> service_;
};

/// All services of a running server, wired once.
class Office {
 public:
  static Outcome<std::unique_ptr<Office>> open(const Files& files,
                                               const Configuration& configuration,
                                               std::unique_ptr<Clock> clock,
                                               const Overrides& overrides);
  ~Office();
  /// The pages, and the API beside them.
  [[nodiscard]] net::Handler handler(api::CallObserver observer);

  /// The store answers.
  [[nodiscard]] bool ready();

  /// What time does by itself: asks registry and gateway again, purges, ends cards, erases,
  /// forgets; of several nodes, one at a time.
  void tick();

 private:
  struct Parts;
  explicit Office(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fncard::server::program
