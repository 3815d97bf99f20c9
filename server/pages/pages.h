// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "net/server.h"
#include "server/activation/suspension.h"
#include "server/api/api.h"
#include "server/payment/payment.h"
#include "server/session/browser_session.h"
#include "server/session/sign_in.h"
#include "server/store/store.h"

/// The portal: pages for applicants and card holders (docs/portal.md).
namespace fncard::server::pages {

struct Services {
  store::Store& store;
  session::SignIn& signIn;
  session::BrowserSessions& sessions;
  payment::PaymentService& payment;
  activation::Suspension& suspension;
  const Clock& clock;
};

struct Options {
  /// Where browsers find the pages, "https://portal.example": forms are taken from there alone.
  std::string portalUrl;
  /// Told of each answered request, as the API does.
  api::CallObserver observer = {};
};

/// Whether a path is the portal's, and not the API's.
bool isPage(std::string_view path);

/// Answers what is a page; everything else is for next. services outlives it.
net::Handler makeHandler(Services services, Options options, net::Handler next);

/// The handler for a plain listener beside a TLS one: sends browsers from a page to the same page
/// at the portal's https address; a form is 403 request.tls-required. All else is for next.
net::Handler onPlainListener(const std::string& portalUrl, net::Handler next);

}  // namespace fncard::server::pages
