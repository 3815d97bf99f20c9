// SPDX-License-Identifier: Apache-2.0
#include "tests/server/pages/pages_fixture.h"

namespace fncard::server::pages::testing {

net::Response Browser::send(net::Request request) {
  std::string field;
  for (const auto& [name, value] : cookies) {
    field += field.empty() ? "" : "; ";
    field.append(name).append("=").append(value);
  }
  if (!field.empty()) {
    request.headers["cookie"] = field;
  }
  net::Response response = office_.send(std::move(request));
  if (const auto set = response.headers.find("set-cookie"); set != response.headers.end()) {
    const std::string pair = set->second.substr(0, set->second.find(';'));
    const std::size_t equals = pair.find('=');
    cookies[pair.substr(0, equals)] = pair.substr(equals + 1);
    if (set->second.find("Max-Age=0") != std::string::npos) {
      cookies.erase(pair.substr(0, equals));
    }
  }
  if (!response.body.empty()) {
    page_ = response.body;
  }
  return response;
}

net::Response Browser::get(const std::string& target, net::Headers headers) {
  return send({.method = "GET", .target = target, .headers = std::move(headers)});
}

net::Response Browser::postRaw(const std::string& path, const std::string& body,
                               net::Headers headers) {
  return send({.method = "POST", .target = path, .headers = std::move(headers), .body = body});
}

net::Response Browser::post(const std::string& path, net::Form fields) {
  fields.emplace_back("formToken", hidden("formToken"));
  return postRaw(path, net::encodeForm(fields),
                 {{"content-type", "application/x-www-form-urlencoded"}, {"origin", kPortalUrl}});
}

net::Response Browser::signIn(const TestOffice::Applicant& applicant) {
  get("/sign-in");
  return post("/sign-in",
              {{"permitNumber", applicant.permitNumber}, {"userCode", applicant.userCode}});
}

std::string Browser::hidden(const std::string& name) const {
  const std::string start = "name=\"" + name + "\" value=\"";
  const std::size_t found = page_.find(start);
  if (found == std::string::npos) {
    return {};
  }
  const std::size_t begin = found + start.size();
  return page_.substr(begin, page_.find('"', begin) - begin);
}

net::Form PagesTest::paymentFields() {
  return {{"key", browser_.hidden("key")},
          {"deliveryAddress", "100 臺北市中正區廣州街15號"},
          {"addressConfirmed", "yes"},
          {"invoice", "mobile"},
          {"invoice-mobile", "/ABC1234"}};
}

std::string PagesTest::state(const TestOffice::Applicant& applicant) {
  return office_.call("GET", "/api/v1/registrations/" + applicant.orderId, {}, "officer")
      .body.value("state", "");
}

std::string PagesTest::everything() {
  const auto order = office_.store().order(applicant_.orderId);
  const auto payments = office_.store().paymentsOf(applicant_.orderId);
  if (!order || !payments) {
    return "the store does not answer";
  }
  return std::string(store::name(order->state)) + " " + order->deliveryAddress + " " +
         std::to_string(payments->size());
}

}  // namespace fncard::server::pages::testing
