// SPDX-License-Identifier: Apache-2.0
#include "server/api/values.h"
#include "server/pages/cookies.h"
#include "server/pages/security.h"
#include "server/pages/site.h"
#include "server/registration/permit_number.h"

namespace fncard::server::pages {
namespace {

constexpr const char* kPermitNumber = "permitNumber";
constexpr const char* kUserCode = "userCode";

Problems problemsOf(const std::string& permitNumber, const std::string& userCode) {
  Problems problems;
  if (permitNumber.empty()) {
    problems[kPermitNumber] = "pages.entry-missing";
  } else {
    switch (registration::checkPermitNumber(permitNumber)) {
      case registration::PermitNumberCheck::WrongForm:
        problems[kPermitNumber] = "registration.permit-format";
        break;
      case registration::PermitNumberCheck::WrongCheckDigit:
        problems[kPermitNumber] = "registration.permit-check-digit";
        break;
      case registration::PermitNumberCheck::Good:
        break;
    }
  }
  if (userCode.empty()) {
    problems[kUserCode] = "pages.entry-missing";
  } else if (session::normalUserCode(userCode).empty()) {
    problems[kUserCode] = "pages.user-code-format";
  }
  return problems;
}

/// Wrong entries keep the form on the screen; that it is locked or busy is a page of its own.
Answer refusedPage(const Site& site, const Visit& visit, const std::string& permitNumber,
                   const Error& error) {
  constexpr int kForbidden = 403;
  if (error.status != kForbidden) {
    return tl::unexpected(error);
  }
  return signInPage(site, visit, error.status, permitNumber, {{"", error.code}});
}

Answer signIn(const Site& site, const Visit& visit) {
  const std::string permitNumber = visit.form->number(kPermitNumber);
  const std::string userCode = visit.form->text(kUserCode);
  if (const Problems problems = problemsOf(permitNumber, userCode); !problems.empty()) {
    return signInPage(site, visit, kUnprocessable, permitNumber, problems);
  }
  const auto order = site.services().signIn.check(permitNumber, userCode);
  if (!order) {
    return refusedPage(site, visit, permitNumber, order.error());
  }
  // what was the cookie until now is worth nothing any more
  const auto closed = site.services().sessions.close(visit.token);
  const auto token = closed.and_then([&] { return site.services().sessions.open(order->id); });
  if (!token) {
    return tl::unexpected(token.error());
  }
  net::Response response = Site::seeOther("/order");
  setCookie(response, kSessionCookie, *token, CookieLife::BrowserSession);
  return response;
}

Answer signOut(const Site& site, const Visit& visit) {
  const auto closed = site.services().sessions.close(visit.token);
  if (!closed) {
    return tl::unexpected(closed.error());
  }
  net::Response response = Site::seeOther("/");
  clearCookie(response, kSessionCookie);
  return response;
}

/// Where the person was; a path of ours and nothing else (no open redirect).
std::string wayBack(const net::Request& request) {
  const auto query = net::parseForm(request.query());
  const std::string path = query ? net::formValue(*query, "to") : std::string();
  const bool plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyz-/") == std::string::npos &&
                     path.find("//") == std::string::npos;
  return plain && isPage(path) ? path : "/";
}

void addLanguages(Site& site) {
  for (const messages::Language language : messages::languages()) {
    const std::string tag(messages::tag(language));
    site.get("/language/" + tag, Access::Everybody, [tag](const Visit& visit) -> Answer {
      net::Response response = Site::seeOther(wayBack(visit.request));
      setCookie(response, kLanguageCookie, tag, CookieLife::Year);
      return response;
    });
  }
}

}  // namespace

net::Response signInPage(const Site& site, const Visit& visit, int status,
                         const std::string& permitNumber, const Problems& problems) {
  const Field permit{.name = kPermitNumber,
                     .label = "pages.permit-number",
                     .hint = "pages.permit-number-hint",
                     .value = permitNumber,
                     .autocomplete = "username",
                     .maximum = api::kLongestPermitNumber};
  const Field code{.name = kUserCode,
                   .label = "pages.user-code",
                   .hint = "pages.user-code-hint",
                   .maximum = api::kLongestUserCode};
  net::Response response = site.page(
      visit, status, "sign_in",
      {{"title", visit.text("pages.sign-in-title")},
       {"script", "permit_number.mjs"},
       {"permit", fieldValues(visit.language, permit, problems)},
       {"code", fieldValues(visit.language, code, problems)},
       {"problems", problemValues(visit.language, problems,
                                  {{permit.name, permit.label}, {code.name, code.label}})}});
  // the one form of who is not signed in; elsewhere, a request from another site that came without
  // its cookie (SameSite) would lose the session over it
  if (visit.newToken) {
    setCookie(response, kSessionCookie, visit.token, CookieLife::BrowserSession);
  }
  return response;
}

void addSignInPages(Site& site) {
  site.get("/sign-in", Access::Everybody, [&site](const Visit& visit) -> Answer {
    return visit.order ? Site::seeOther("/order") : signInPage(site, visit, 200, {}, {});
  });
  site.post("/sign-in", Access::Everybody,
            [&site](const Visit& visit) { return signIn(site, visit); });
  site.post("/sign-out", Access::Everybody,
            [&site](const Visit& visit) { return signOut(site, visit); });
  addLanguages(site);
}

}  // namespace fncard::server::pages
