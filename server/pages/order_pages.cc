// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/base/time.h"
#include "server/pages/progress.h"
#include "server/pages/site.h"
#include "server/registration/registration.h"
#include "server/store/errors.h"

namespace fncard::server::pages {
namespace {

using store::OrderState;

/// What the person can do next: the sentence, and where a button leads.
struct Next {
  std::string sentence;
  std::string path;   ///< empty: nothing to do
  std::string label;  ///< of the button
};

Next nextOf(const store::Order& order, Time now) {
  switch (order.state) {
    case OrderState::Applied:
      return order.deadline < now
                 ? Next{"payment.deadline-passed", "", ""}
                 : Next{"pages.next-applied", "/order/payment", "pages.pay-button"};
    case OrderState::Paid:
    case OrderState::InProduction:
    case OrderState::Checked:
      return {"pages.next-production", "/order/receipt", "pages.receipt-link"};
    case OrderState::Mailed:
      return {"pages.next-mailed", "/activation", "pages.activation-link"};
    case OrderState::Activated:
      return {"pages.next-activated", "/order/suspension", "pages.suspend-link"};
    case OrderState::Suspended:
      return {"pages.next-suspended", "/order/suspension", "pages.resume-link"};
    case OrderState::AwaitingRegistry:
      return {"pages.next-waiting", "", ""};
    case OrderState::Revoked:
    case OrderState::Expired:
    case OrderState::Purged:
    case OrderState::Refused:
      break;
  }
  return {"pages.next-over", "", ""};
}

long daysLeft(Time deadline, Time now) {
  const auto day = [](Time time) { return std::chrono::sys_days(taipeiDate(time)); };
  return (day(deadline) - day(now)).count();
}

void addRow(nlohmann::json& rows, const Visit& visit, std::string_view code,
            const std::string& value) {
  if (!value.empty()) {
    rows.push_back({{"name", visit.text(code)}, {"value", value}});
  }
}

nlohmann::json rowsOf(const Visit& visit, Time now) {
  const store::Order& order = *visit.order;
  nlohmann::json rows = nlohmann::json::array();
  addRow(rows, visit, "pages.order-number", order.id);
  addRow(rows, visit, "pages.name", order.applicant.name);
  if (order.state == OrderState::Applied) {
    addRow(rows, visit, "pages.fee", visit.text("pages.fee-sum"));
    addRow(rows, visit, "pages.deadline",
           visit.text("pages.deadline-value",
                      {{"day", dayOf(order.deadline)},
                       {"days", std::to_string(std::max(0L, daysLeft(order.deadline, now)))}}));
  }
  addRow(rows, visit, "pages.delivery-address", order.deliveryAddress);
  addRow(rows, visit, "pages.card-number", order.cardNumber);
  addRow(rows, visit, "pages.mail-number", order.mailNumber);
  return rows;
}

Answer orderPage(const Site& site, const Visit& visit) {
  const store::Order& order = *visit.order;
  const auto events = site.services().store.events(order.id);
  if (!events) {
    return store::asError(events.error());
  }
  const Time now = site.services().clock.now();
  const Next next = nextOf(order, now);
  nlohmann::json button = false;
  if (!next.path.empty()) {
    button = {{"path", next.path}, {"label", visit.text(next.label)}};
  }
  return site.page(visit, 200, "order",
                   {{"title", visit.text("pages.order-title")},
                    {"next", visit.text(next.sentence)},
                    {"button", button},
                    {"steps", progressOf(visit.language, order, *events)},
                    {"rows", rowsOf(visit, now)}});
}

Answer receiptPage(const Site& site, const Visit& visit) {
  const store::Order& order = *visit.order;
  const auto events = site.services().store.events(order.id);
  const auto payments = site.services().store.paymentsOf(order.id);
  if (!events || !payments) {
    return store::asError(!events ? events.error() : payments.error());
  }
  const auto paid = std::ranges::find(*payments, store::PaymentState::Paid, &store::Payment::state);
  if (paid == payments->end()) {
    return Site::seeOther("/order");
  }
  nlohmann::json rows = nlohmann::json::array();
  addRow(rows, visit, "pages.order-number", order.id);
  addRow(rows, visit, "pages.name", order.applicant.name);
  addRow(rows, visit, "pages.trade-number", paid->merchantTradeNo);
  addRow(rows, visit, "pages.gateway-number", paid->tradeNo);
  addRow(rows, visit, "pages.invoice-legend",
         visit.text("pages.invoice-" + paid->invoiceKind) +
             (paid->invoiceValue.empty() ? "" : " " + paid->invoiceValue));
  addRow(rows, visit, "pages.delivery-address", order.deliveryAddress);
  return site.page(visit, 200, "receipt",
                   {{"title", visit.text("pages.receipt-title")},
                    {"time", timeValues(timeOf(*events, OrderState::Paid))},
                    {"rows", rows}});
}

}  // namespace

void addOrderPages(Site& site) {
  site.get("/order", Access::SignedIn,
           [&site](const Visit& visit) { return orderPage(site, visit); });
  site.get("/order/receipt", Access::SignedIn,
           [&site](const Visit& visit) { return receiptPage(site, visit); });
}

}  // namespace fncard::server::pages
