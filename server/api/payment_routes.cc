// SPDX-License-Identifier: Apache-2.0
#include "messages/messages.h"
#include "server/api/call.h"

namespace fncard::server::api {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char character : text) {
    switch (character) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += character;
    }
  }
  return result;
}

/// What a person who comes back from the gateway reads. The gateway's word to the browser is not
/// asked: only the order's own state counts.
net::Response page(const net::Request& request, store::OrderState state) {
  const auto language = messages::fromAcceptLanguage(request.header("accept-language"));
  const char* code = state == store::OrderState::Applied  ? "payment.page-waiting"
                     : state == store::OrderState::Purged ? "payment.page-too-late"
                                                          : "payment.page-paid";
  const std::string title = escaped(messages::text(language, "payment.page-title"));
  net::Response response = net::Response::html(
      200, "<!doctype html><html lang=\"" + std::string(messages::tag(language)) +
               "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width\"><title>" +
               title + "</title></head><body><main><h1>" + title + "</h1><p>" +
               escaped(messages::text(language, code)) + "</p></main></body></html>\n");
  response.headers["cache-control"] = "no-store";
  response.headers["content-security-policy"] = "default-src 'none'";
  return response;
}

}  // namespace

void addPaymentRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", "/payment/notify",
             [services](const net::Request& request, const Parameters&) -> Answer {
               const auto form = net::parseForm(request.body);
               return net::Response::text(
                   200, form ? services.payment.notified(*form) : std::string("0|FieldsError"));
             });
  routes.add("POST", "/payment/return",
             [services](const net::Request& request, const Parameters&) -> Answer {
               const auto form = net::parseForm(request.body);
               if (!form) {
                 return refused(400, "request.malformed");
               }
               const auto order = services.payment.returned(*form);
               if (!order) {
                 return tl::unexpected(order.error());
               }
               return page(request, order->state);
             });
}

}  // namespace fncard::server::api
