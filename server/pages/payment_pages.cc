// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/base/text.h"
#include "server/pages/security.h"
#include "server/pages/site.h"
#include "server/payment/invoice.h"
#include "server/store/errors.h"

namespace fncard::server::pages {
namespace {

constexpr const char* kAddress = "deliveryAddress";
constexpr const char* kAddressConfirmed = "addressConfirmed";
constexpr const char* kInvoice = "invoice";
constexpr const char* kKey = "key";
constexpr const char* kPath = "/order/payment";

/// The choices of the e-invoice, in the order of the page; each but the paper one has a value.
struct InvoiceKind {
  const char* name;
  std::size_t size;  ///< longest value, in characters
};
constexpr std::array kKinds = {InvoiceKind{"paper", 0}, InvoiceKind{"mobile", 8},
                               InvoiceKind{"citizen", 16}, InvoiceKind{"donation", 7},
                               InvoiceKind{"company", 8}};

std::string valueField(const std::string& kind) {
  return "invoice-" + kind;
}

struct Entries {
  std::string address;
  bool confirmed = false;
  std::string kind;
  std::string value;
  std::string key;
};

Entries entriesOf(const PostedForm& form) {
  Entries entries{.address = form.text(kAddress),
                  .confirmed = form.text(kAddressConfirmed) == "yes",
                  .kind = form.text(kInvoice),
                  .key = form.text(kKey)};
  if (entries.kind != "paper") {
    entries.value = form.text(valueField(entries.kind));
  }
  return entries;
}

bool isKind(const std::string& name) {
  return std::ranges::any_of(kKinds, [&](const InvoiceKind& kind) { return kind.name == name; });
}

Problems problemsOf(const Entries& entries) {
  Problems problems;
  if (entries.address.empty()) {
    problems[kAddress] = "pages.entry-missing";
  } else if (!payment::isDeliveryAddress(entries.address)) {
    problems[kAddress] = "pages.address-refused";
  }
  if (!entries.confirmed) {
    problems[kAddressConfirmed] = "pages.address-not-confirmed";
  }
  if (!isKind(entries.kind)) {
    problems[kInvoice] = "pages.invoice-missing";
  } else if (!payment::isInvoiceValue(entries.kind, entries.value)) {
    problems[valueField(entries.kind)] = "pages.invoice-refused-" + entries.kind;
  }
  return problems;
}

nlohmann::json kindValues(const Visit& visit, const Entries& entries, const Problems& problems) {
  nlohmann::json kinds = nlohmann::json::array();
  for (const InvoiceKind& kind : kKinds) {
    const std::string name = kind.name;
    const bool chosen = entries.kind == name;
    nlohmann::json detail = false;
    if (kind.size > 0) {
      detail = fieldValues(visit.language,
                           {.name = valueField(name),
                            .label = "pages.invoice-label-" + name,
                            .hint = "pages.invoice-hint-" + name,
                            .value = chosen ? entries.value : std::string(),
                            .maximum = kind.size},
                           problems);
    }
    kinds.push_back({{"kind", name},
                     {"kindName", visit.text("pages.invoice-" + name)},
                     {"chosen", chosen},
                     {"detail", detail}});
  }
  return kinds;
}

nlohmann::json problemOrFalse(const Visit& visit, const Problems& problems,
                              const std::string& name) {
  const auto problem = problems.find(name);
  return problem == problems.end() ? nlohmann::json(false)
                                   : nlohmann::json(visit.text(problem->second));
}

net::Response formPage(const Site& site, const Visit& visit, int status, const Entries& entries,
                       const Problems& problems) {
  std::vector<Label> labels = {{kAddress, "pages.delivery-address"},
                               {kAddressConfirmed, "pages.delivery-address"},
                               {kInvoice, "pages.invoice-legend"}};
  for (const InvoiceKind& kind : kKinds) {
    labels.push_back({valueField(kind.name), "pages.invoice-" + std::string(kind.name)});
  }
  const Field address{.name = kAddress,
                      .label = "pages.delivery-address",
                      .hint = "pages.address-hint",
                      .value = entries.address,
                      .autocomplete = "street-address",
                      .maximum = payment::kLongestAddress};
  return site.page(visit, status, "payment",
                   {{"title", visit.text("pages.payment-title")},
                    {"address", fieldValues(visit.language, address, problems)},
                    {"confirmed", entries.confirmed},
                    {"confirmedError", problemOrFalse(visit, problems, kAddressConfirmed)},
                    {"invoiceError", problemOrFalse(visit, problems, kInvoice)},
                    {"kinds", kindValues(visit, entries, problems)},
                    {"key", entries.key},
                    {"problems", problemValues(visit.language, problems, labels)}});
}

/// Nothing to pay any more, or not yet: the order's page says what is true.
bool isPayable(const Site& site, const store::Order& order) {
  return order.state == store::OrderState::Applied && order.deadline >= site.services().clock.now();
}

Answer showForm(const Site& site, const Visit& visit) {
  if (!isPayable(site, *visit.order)) {
    return Site::seeOther("/order");
  }
  return formPage(
      site, visit, 200,
      {.address = visit.order->deliveryAddress, .kind = "paper", .key = randomIdentifier()}, {});
}

bool isKey(const std::string& key) {
  constexpr std::size_t kShortest = 16;
  constexpr std::size_t kLongest = 64;
  return key.size() >= kShortest && key.size() <= kLongest &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
}

Answer takeForm(const Site& site, const Visit& visit) {
  const Entries entries = entriesOf(*visit.form);
  if (!isKey(entries.key)) {
    return refused(400, "request.malformed");
  }
  if (const Problems problems = problemsOf(entries); !problems.empty()) {
    return formPage(site, visit, kUnprocessable, entries, problems);
  }
  const payment::PaymentRequest request{.deliveryAddress = entries.address,
                                        .invoiceKind = entries.kind,
                                        .invoiceValue = entries.value};
  const store::Idempotency idempotency{
      .scope = "applicant:" + visit.order->id + " payment page",
      .key = entries.key,
      .requestHash = sha256Hex(entries.address + "\n" + entries.kind + "\n" + entries.value)};
  const auto form = site.services().payment.begin(*visit.order, request, idempotency);
  if (!form) {
    return tl::unexpected(form.error());
  }
  return Site::seeOther(std::string(kPath) +
                        "/gateway?trade=" + net::formValue(form->fields, "MerchantTradeNo"));
}

nlohmann::json hiddenFields(const net::Form& fields) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [name, value] : fields) {
    list.push_back({{"name", name}, {"value", value}});
  }
  return list;
}

/// The form that takes the browser to the gateway; a trade of another order is none.
Answer gatewayForm(const Site& site, const Visit& visit) {
  const auto query = net::parseForm(visit.request.query());
  const std::string trade = query ? net::formValue(*query, "trade") : std::string();
  const auto form = site.services().payment.form(*visit.order, trade);
  if (!form) {
    return tl::unexpected(form.error());
  }
  return site.page(visit, 200, "gateway",
                   {{"title", visit.text("pages.gateway-title")},
                    {"script", "gateway.mjs"},
                    {"address", visit.order->deliveryAddress},
                    {"gatewayUrl", form->gatewayUrl},
                    {"fields", hiddenFields(form->fields)}},
                   originOf(form->gatewayUrl));
}

/// What a person who comes back from the gateway reads. The gateway's word to the browser is not
/// asked: only the order's own state counts.
Answer returned(const Site& site, const Visit& visit) {
  const auto form = PostedForm::read(visit.request);
  if (!form) {
    return tl::unexpected(form.error());
  }
  const auto order =
      site.services().payment.returned({{"MerchantTradeNo", form->text("MerchantTradeNo")}});
  if (!order) {
    return tl::unexpected(order.error());
  }
  const char* sentence = order->state == store::OrderState::Applied  ? "payment.page-waiting"
                         : order->state == store::OrderState::Purged ? "payment.page-too-late"
                                                                     : "payment.page-paid";
  return site.page(
      visit, 200, "returned",
      {{"title", visit.text("payment.page-title")}, {"sentence", visit.text(sentence)}});
}

}  // namespace

void addPaymentPages(Site& site) {
  site.get(kPath, Access::SignedIn, [&site](const Visit& visit) { return showForm(site, visit); });
  site.post(kPath, Access::SignedIn, [&site](const Visit& visit) { return takeForm(site, visit); });
  site.get(std::string(kPath) + "/gateway", Access::SignedIn,
           [&site](const Visit& visit) { return gatewayForm(site, visit); });
  site.postFromElsewhere("/payment/return",
                         [&site](const Visit& visit) { return returned(site, visit); });
}

}  // namespace fncard::server::pages
