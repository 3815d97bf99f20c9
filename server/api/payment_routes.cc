// SPDX-License-Identifier: Apache-2.0
#include "server/api/call.h"

namespace fncard::server::api {

void addPaymentRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", "/payment/notify",
             [services](const net::Request& request, const Parameters&) -> Answer {
               const auto form = net::parseForm(request.body);
               return net::Response::text(
                   200, form ? services.payment.notified(*form) : std::string("0|FieldsError"));
             });
}

}  // namespace fncard::server::api
