// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "server/pages/field.h"
#include "server/pages/pages.h"
#include "server/pages/posted_form.h"

/// What all pages have in common: who asks, in which language, what may be posted, and how an
/// answer goes out.
namespace fncard::server::pages {

/// One request of a browser, as far as it is understood.
struct Visit {
  const net::Request& request;
  messages::Language language;
  std::string token;                  ///< of the session cookie; the visitor's, when it has none
  bool newToken = false;              ///< the browser does not have it yet
  std::optional<store::Order> order;  ///< of who is signed in
  std::optional<PostedForm> form;     ///< of a POST: checked for its origin and form token

  [[nodiscard]] std::string text(std::string_view code,
                                 const messages::Parameters& parameters = {}) const {
    return messages::text(language, code, parameters);
  }
};

using Answer = Result<net::Response>;
using PageHandler = std::function<Answer(const Visit&)>;
enum class Access { Everybody, SignedIn };

class Site {
 public:
  Site(Services services, Options options, net::Handler next);

  /// A page of the portal. An error becomes an error page in the person's language; who is not
  /// signed in and must be is shown the sign-in form (401).
  void get(const std::string& path, Access access, PageHandler handler);
  /// A form of ours: urlencoded, from our origin, with the session's form token.
  void post(const std::string& path, Access access, PageHandler handler);
  /// A form that somebody else's page posts here: it has no session and changes nothing.
  void postFromElsewhere(const std::string& path, PageHandler handler);
  /// What is no page: stylesheet, scripts.
  void file(const std::string& path, net::Response response);

  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] net::Response route(const net::Request& request) const;

  /// The page of a template. values needs title; formTarget: security.h.
  [[nodiscard]] net::Response page(const Visit& visit, int status, std::string_view name,
                                   nlohmann::json values, const std::string& formTarget = {}) const;
  [[nodiscard]] net::Response errorPage(const Visit& visit, const Error& error) const;
  /// 303: what a form that was accepted answers.
  static net::Response seeOther(const std::string& path);

 private:
  void add(const std::string& method, const std::string& path,
           std::function<Answer(Visit&)> handler);
  void report(const api::Call& call) const;
  [[nodiscard]] Visit visitOf(const net::Request& request) const;
  [[nodiscard]] Result<void> signIn(Visit& visit, Access access) const;
  [[nodiscard]] Result<void> readForm(Visit& visit) const;
  [[nodiscard]] net::Response finish(const Visit& visit, Answer answer) const;

  Services services_;
  Options options_;
  std::string portalOrigin_;
  net::Handler next_;
  net::Router router_;
};

void addSignInPages(Site& site);
void addOrderPages(Site& site);
void addPaymentPages(Site& site);
void addCardPages(Site& site);
void addInformationPages(Site& site);

/// The person's: what they chose, or what their browser asks for.
messages::Language languageOf(const net::Request& request);
/// What the layout needs to know, for somebody who is not signed in.
nlohmann::json layoutValues(const net::Request& request, messages::Language language);

/// The status of a page that shows a form again because a field is wrong (RFC 9110, 15.5.21).
constexpr int kUnprocessable = 422;

/// The sign-in form; problems as after a try.
net::Response signInPage(const Site& site, const Visit& visit, int status,
                         const std::string& permitNumber, const Problems& problems);

}  // namespace fncard::server::pages
