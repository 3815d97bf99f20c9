// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "server/api/call.h"
#include "server/api/values.h"
#include "server/base/time.h"

namespace fncard::server::api {
namespace {

Answer openSession(const Services& services, const net::Request& request) {
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  const std::string permitNumber = body->text("permitNumber", 1, kLongestPermitNumber);
  const std::string userCode = body->text("userCode", 1, kLongestUserCode);
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto session = services.signIn.open(permitNumber, userCode);
  if (!session) {
    return tl::unexpected(session.error());
  }
  return json(200, {{"token", session->token}, {"expiresAt", utcText(session->expiresAt)}});
}

Answer showOrder(const Services& services, const net::Request& request) {
  const auto order = applicantOf(services, request);
  if (!order) {
    return tl::unexpected(order.error());
  }
  return json(200, {{"orderId", order->id},
                    {"state", store::name(order->state)},
                    {"fee", registration::kFee},
                    {"deadline", timeOrNull(order->deadline)},
                    {"cardNumber", textOrNull(order->cardNumber)},
                    {"mailNumber", textOrNull(order->mailNumber)},
                    {"deliveryAddress", textOrNull(order->deliveryAddress)}});
}

/// The gateway's fields are distinct, so that an object holds them all.
nlohmann::json objectOf(const net::Form& fields) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : fields) {
    object[name] = value;
  }
  return object;
}

Answer pay(const Services& services, const net::Request& request) {
  const auto order = applicantOf(services, request);
  if (!order) {
    return tl::unexpected(order.error());
  }
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  const auto idempotency = idempotencyOf(*body, "applicant:" + order->id, "POST payment");
  payment::PaymentRequest payment;
  payment.deliveryAddress = body->text("deliveryAddress", 1, kLongestAddress);
  if (auto invoice = body->object("invoice")) {
    payment.invoiceKind =
        invoice->oneOf("kind", {"mobile", "citizen", "donation", "company", "paper"});
    payment.invoiceValue = invoice->optionalText("value", 0, kLongestWord);
    if (const auto read = invoice->finish(); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!payment::isDeliveryAddress(payment.deliveryAddress)) {
    return invalidMember("deliveryAddress");
  }
  const auto form = services.payment.begin(*order, payment, idempotency);
  if (!form) {
    return tl::unexpected(form.error());
  }
  return json(200, {{"gatewayUrl", form->gatewayUrl}, {"fields", objectOf(form->fields)}});
}

}  // namespace

void addApplicantRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", "/api/v1/session", [services](const net::Request& request, const Parameters&) {
    return openSession(services, request);
  });
  routes.add("GET", "/api/v1/order", [services](const net::Request& request, const Parameters&) {
    return showOrder(services, request);
  });
  routes.add("POST", "/api/v1/order/payment",
             [services](const net::Request& request, const Parameters&) {
               return pay(services, request);
             });
}

}  // namespace fncard::server::api
