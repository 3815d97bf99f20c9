// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/server.h"
#include "server/activation/revocation.h"
#include "server/activation/unblocking.h"
#include "server/payment/payment.h"
#include "server/production/production.h"
#include "server/publication/publication.h"
#include "server/registration/registration.h"
#include "server/session/sign_in.h"
#include "server/store/store.h"

/// docs/api.md over HTTP: reads requests, asks the services, writes answers. It decides nothing but
/// who may call what.
namespace fncard::server::api {

struct Services {
  store::Store& store;
  session::SignIn& signIn;
  registration::Registration& registration;
  payment::PaymentService& payment;
  production::Production& production;
  activation::ActivationService& activation;
  activation::UnblockingService& unblocking;
  activation::Revocation& revocation;
  publication::Publication& publication;
  const issuance::AuthorityCertificates& certificates;
};

/// One answered call, for those who count them.
struct Call {
  std::string method;
  std::string route;  ///< the pattern, "-" for an unknown path; never what a person sent
  int status = 0;
  std::string code;  ///< of an error, else empty
  std::chrono::steady_clock::duration time{};
};
using CallObserver = std::function<void(const Call&)>;

/// Handles all calls on any listener: one without client certificates never gets past the check of
/// officers and stations. services outlives it.
net::Handler makeHandler(Services services, CallObserver observer = {});

/// The handler for a plain listener beside a TLS one: what is under /api/v1 carries secrets, so all
/// of it but the certificate status is 403 request.tls-required there (docs/api.md, Status).
net::Handler onPlainListener(net::Handler handler);

}  // namespace fncard::server::api
