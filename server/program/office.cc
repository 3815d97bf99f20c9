// SPDX-License-Identifier: Apache-2.0
#include "server/program/office.h"

#include "server/hsm/softhsm.h"
#include "server/pages/pages.h"
#include "server/payment/ecpay.h"
#include "server/program/pem.h"
#include "server/store/open.h"
#include "trust/certificate.h"

namespace fncard::server::program {
namespace {

/// The responder's certificate lives 90 days; a server that starts in its last half gets a new one.
constexpr std::chrono::hours kRenewOcspBefore{45 * 24};

const std::string& either(const std::string& first, const std::string& second) {
  return first.empty() ? second : first;
}

Outcome<issuance::AuthorityCertificates> currentCertificates(const Files& files, hsm::Hsm& hsm,
                                                             Time now) {
  auto certificates = readCertificates(files);
  if (!certificates) {
    return certificates;
  }
  const auto ocsp = trust::Certificate::read(certificates->ocsp);
  if (ocsp && now + kRenewOcspBefore < ocsp->notAfter) {
    return certificates;
  }
  auto renewed = issuance::renewOcspCertificate(hsm, *certificates, now);
  if (!renewed) {
    return stop("The OCSP responder's certificate cannot be renewed: " + renewed.error().detail +
                ".");
  }
  certificates->ocsp = *std::move(renewed);
  const auto written = replaceFile(files(kOcspFile), pemOf(certificates->ocsp), Access::Everybody);
  if (!written) {
    return tl::unexpected(written.error());
  }
  return certificates;
}

}  // namespace

Outcome<std::unique_ptr<Clock>> makeClock(const TimeOptions& options,
                                          const Configuration& configuration) {
  const bool moved = options.offsetSeconds != 0 || !options.clockFile.empty();
  if (moved && !configuration.sandbox) {
    return stop("The time is moved in a sandbox alone, and this server is none.");
  }
  if (!options.clockFile.empty()) {
    return std::make_unique<FileClock>(options.clockFile);
  }
  return std::make_unique<SystemClock>(std::chrono::seconds(options.offsetSeconds));
}

Outcome<std::unique_ptr<store::Store>> openStore(const Files& files) {
  const auto configuration = readConfiguration(files);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  return openStore(files, *configuration);
}

Outcome<std::unique_ptr<store::Store>> openStore(const Files& files,
                                                 const Configuration& configuration) {
  const std::string location = either(configuration.store, files(kDatabaseFile));
  auto store = store::open({.location = location, .node = configuration.node});
  if (!store) {
    // PostgreSQL's address may hold what nobody should read
    return stop("The database " + (configuration.store.empty() ? location + " " : "") +
                "cannot be opened: " + store.error().detail + ".");
  }
  return *std::move(store);
}

Outcome<std::unique_ptr<hsm::Hsm>> openHsm(const Files& files, const Configuration& configuration) {
  if (configuration.softHsm) {
    if (auto used = hsm::useSoftHsm(files(kTokenDirectory)); !used) {
      return stop(used.error().detail);
    }
  }
  auto hsm = hsm::Hsm::open(configuration.hsm);
  if (!hsm) {
    return stop(hsm.error().detail);
  }
  return *std::move(hsm);
}

Cashier::Cashier(store::Store& store, const Clock& clock, const Configuration& configuration,
                 const Overrides& overrides)
    : provider_(
          payment::makeEcpay({.gatewayUrl = either(overrides.gatewayUrl, configuration.gatewayUrl),
                              .baseUrl = either(configuration.baseUrl, overrides.baseUrl),
                              .portalUrl = either(configuration.portalUrl, overrides.portalUrl),
                              .merchantId = configuration.merchantId,
                              .hashKey = configuration.hashKey,
                              .hashIv = configuration.hashIv})),
      service_(std::make_unique<payment::PaymentService>(
          payment::PaymentService::Stores{store, store}, *provider_, clock)) {}

struct Office::Parts {
  Parts(std::unique_ptr<Clock> clockOfOffice, std::unique_ptr<store::Store> storeOfOffice,
        std::unique_ptr<hsm::Hsm> hsmOfOffice, issuance::AuthorityCertificates certificatesOfOffice,
        const Configuration& configuration, const Overrides& overrides)
      : clock(std::move(clockOfOffice)),
        store(std::move(storeOfOffice)),
        hsm(std::move(hsmOfOffice)),
        certificates(std::move(certificatesOfOffice)),
        authority(*hsm, certificates),
        responder(*hsm, certificates),
        hasher(configuration.hashCost),
        registry(registration::makeHttpRegistry(
            either(overrides.registryUrl, configuration.registryUrl))),
        portalUrl(either(configuration.portalUrl, overrides.portalUrl)),
        signIn({*store, *store}, hasher, *clock),
        sessions({*store, *store}, *clock),
        registration(*store, *registry, hasher, *clock),
        cashier(*store, *clock, configuration, overrides),
        production({*store, *store}, authority, *hsm, *clock,
                   {.baseUrl = either(configuration.baseUrl, overrides.baseUrl),
                    .crlShards = configuration.crlShards}),
        activation(*store, signIn, *hsm, *clock),
        unblocking({*store, *store}, signIn, *hsm, *clock),
        suspension(*store, signIn, *clock),
        revocation(*store, *clock),
        publication(*store, responder, *hsm, certificates, *clock,
                    {.baseUrl = either(configuration.baseUrl, overrides.baseUrl),
                     .crlShards = configuration.crlShards}),
        kept(configuration.daysKept) {}

  std::unique_ptr<Clock> clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<hsm::Hsm> hsm;
  issuance::AuthorityCertificates certificates;
  issuance::Authority authority;
  status::Responder responder;
  session::UserCodeHasher hasher;
  std::unique_ptr<registration::Registry> registry;
  std::string portalUrl;
  session::SignIn signIn;
  session::BrowserSessions sessions;
  registration::Registration registration;
  Cashier cashier;
  production::Production production;
  activation::ActivationService activation;
  activation::UnblockingService unblocking;
  activation::Suspension suspension;
  activation::Revocation revocation;
  publication::Publication publication;
  std::chrono::days kept;
};

Office::Office(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Office::~Office() = default;

Outcome<std::unique_ptr<Office>> Office::open(const Files& files,
                                              const Configuration& configuration,
                                              std::unique_ptr<Clock> clock,
                                              const Overrides& overrides) {
  auto hsm = openHsm(files, configuration);
  if (!hsm) {
    return tl::unexpected(hsm.error());
  }
  auto certificates = currentCertificates(files, **hsm, clock->now());
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  auto store = openStore(files, configuration);
  if (!store) {
    return tl::unexpected(store.error());
  }
  return std::unique_ptr<Office>(
      new Office(std::make_unique<Parts>(std::move(clock), *std::move(store), *std::move(hsm),
                                         *std::move(certificates), configuration, overrides)));
}

net::Handler Office::handler(api::CallObserver observer) {
  return pages::makeHandler({.store = *parts_->store,
                             .signIn = parts_->signIn,
                             .sessions = parts_->sessions,
                             .payment = parts_->cashier.service(),
                             .suspension = parts_->suspension,
                             .clock = *parts_->clock},
                            {.portalUrl = parts_->portalUrl, .observer = observer},
                            api::makeHandler({.store = *parts_->store,
                                              .signIn = parts_->signIn,
                                              .registration = parts_->registration,
                                              .payment = parts_->cashier.service(),
                                              .production = parts_->production,
                                              .activation = parts_->activation,
                                              .unblocking = parts_->unblocking,
                                              .revocation = parts_->revocation,
                                              .publication = parts_->publication,
                                              .certificates = parts_->certificates},
                                             observer));
}

bool Office::ready() {
  return parts_->store->changes(0).has_value();
}

void Office::tick() {
  constexpr int kErasedAtOnce = 100;
  const auto turn = parts_->store->upkeepTurn();
  if (!turn || *turn == nullptr) {
    return;
  }
  parts_->registration.retryAwaiting();
  parts_->cashier.service().reconcile();
  parts_->cashier.service().purgeOverdue();
  parts_->revocation.expire();
  // what could not be forgotten now is forgotten at the next tick
  const Time now = parts_->clock->now();
  static_cast<void>(parts_->store->forgetOld(now));
  static_cast<void>(parts_->store->eraseClosed(now - parts_->kept, now, kErasedAtOnce));
}

}  // namespace fncard::server::program
