// SPDX-License-Identifier: Apache-2.0
#include "server/api/values.h"
#include "server/pages/site.h"

namespace fncard::server::pages {
namespace {

constexpr const char* kUserCode = "userCode";
constexpr const char* kCardNumber = "cardNumber";
constexpr std::size_t kLongestCardNumber = 24;  // with spaces in it
constexpr const char* kPath = "/order/suspension";

Problems problemsOf(const activation::Suspension::Proof& proof) {
  Problems problems;
  if (proof.userCode.empty()) {
    problems[kUserCode] = "pages.entry-missing";
  } else if (session::normalUserCode(proof.userCode).empty()) {
    problems[kUserCode] = "pages.user-code-format";
  }
  if (proof.cardNumber.empty()) {
    problems[kCardNumber] = "pages.entry-missing";
  } else if (!api::isCardNumber(proof.cardNumber)) {
    problems[kCardNumber] = "pages.card-number-format";
  }
  return problems;
}

bool isSuspended(const Visit& visit) {
  return visit.order->state == store::OrderState::Suspended;
}

net::Response formPage(const Site& site, const Visit& visit, int status,
                       const std::string& cardNumber, const Problems& problems) {
  const Field code{.name = kUserCode,
                   .label = "pages.user-code",
                   .hint = "pages.user-code-hint",
                   .maximum = api::kLongestUserCode};
  const Field number{.name = kCardNumber,
                     .label = "pages.card-number",
                     .hint = "pages.card-number-hint",
                     .value = cardNumber,
                     .maximum = kLongestCardNumber};
  const std::string what = isSuspended(visit) ? "resume" : "suspend";
  return site.page(
      visit, status, "suspension",
      {{"title", visit.text("pages." + what + "-title")},
       {"explanation", visit.text("pages." + what + "-explanation")},
       {"button", visit.text("pages." + what + "-button")},
       {"what", what},
       {"codeField", fieldValues(visit.language, code, problems)},
       {"numberField", fieldValues(visit.language, number, problems)},
       {"problems", problemValues(visit.language, problems,
                                  {{code.name, code.label}, {number.name, number.label}})}});
}

bool hasCardInUse(const Visit& visit) {
  return visit.order->state == store::OrderState::Activated || isSuspended(visit);
}

Answer takeForm(const Site& site, const Visit& visit) {
  const activation::Suspension::Proof proof{.userCode = visit.form->text(kUserCode),
                                            .cardNumber = visit.form->number(kCardNumber)};
  const std::string what = visit.form->text("what");
  if (what != "suspend" && what != "resume") {
    return refused(400, "request.malformed");
  }
  if (!hasCardInUse(visit)) {
    return refused(409, "suspension.not-active");
  }
  constexpr int kForbidden = 403;
  if (const Problems problems = problemsOf(proof); !problems.empty()) {
    return formPage(site, visit, kUnprocessable, proof.cardNumber, problems);
  }
  activation::Suspension& suspension = site.services().suspension;
  const auto done = what == "suspend" ? suspension.suspend(*visit.order, proof)
                                      : suspension.resume(*visit.order, proof);
  if (!done && done.error().status == kForbidden) {
    return formPage(site, visit, kForbidden, proof.cardNumber, {{"", done.error().code}});
  }
  return done ? Answer(Site::seeOther("/order")) : Answer(tl::unexpected(done.error()));
}

}  // namespace

void addCardPages(Site& site) {
  site.get(kPath, Access::SignedIn, [&site](const Visit& visit) -> Answer {
    return hasCardInUse(visit) ? formPage(site, visit, 200, {}, {}) : Site::seeOther("/order");
  });
  site.post(kPath, Access::SignedIn, [&site](const Visit& visit) { return takeForm(site, visit); });
}

}  // namespace fncard::server::pages
