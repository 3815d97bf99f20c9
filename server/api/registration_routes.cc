// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "messages/messages.h"
#include "server/api/call.h"
#include "server/api/values.h"
#include "server/base/time.h"
#include "server/store/errors.h"
#include "server/store/names.h"

namespace fncard::server::api {
namespace {

constexpr const char* kOfficer = "officer";
constexpr const char* kRegistrations = "/api/v1/registrations";

std::vector<std::string> languageTags() {
  std::vector<std::string> tags;
  for (const messages::Language language : messages::languages()) {
    tags.emplace_back(messages::tag(language));
  }
  return tags;
}

registration::Application readApplication(JsonReader& body) {
  registration::Application application;
  application.permitNumber = body.text("permitNumber", 1, kLongestPermitNumber);
  application.bearerConfirmed = body.boolean("bearerConfirmed");
  application.phone = body.text("phone", 1, kLongestPhone);
  application.email = body.text("email", 0, kLongestEmail);
  application.language = body.oneOf("language", languageTags());
  application.profile = body.optionalText("profile", 1, kLongestWord);
  if (application.profile.empty()) {
    application.profile = "rsa2048";
  }
  return application;
}

Result<void> checkForms(const registration::Application& application) {
  if (!isPhone(application.phone)) {
    return invalidMember("phone");
  }
  if (!application.email.empty() && !isEmail(application.email)) {
    return invalidMember("email");
  }
  if (!isProfile(application.profile)) {
    return invalidMember("profile");
  }
  return {};
}

Answer registeredAnswer(const registration::Registered& registered) {
  const store::Order& order = registered.order;
  nlohmann::json body = {{"orderId", order.id}, {"state", store::name(order.state)}};
  if (order.state == store::OrderState::AwaitingRegistry) {
    return json(202, body);
  }
  body["name"] = order.applicant.name;
  body["deadline"] = timeOrNull(order.deadline);
  body["fee"] = registration::kFee;
  body["userCode"] = textOrNull(registered.userCode);
  return json(registered.repeated ? 200 : 201, body);
}

Answer apply(const Services& services, const OperatorCall& call) {
  const auto idempotency = idempotencyOf(call.body, "officer:" + call.name, "POST registrations");
  const auto application = readApplication(call.body);
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (const auto formed = checkForms(application); !formed) {
    return tl::unexpected(formed.error());
  }
  const auto registered =
      services.registration.apply(application, idempotency, "officer:" + call.name);
  return registered ? registeredAnswer(*registered) : Answer(tl::unexpected(registered.error()));
}

Answer show(const Services& services, const net::Request& request, const std::string& orderId) {
  const auto officer = operatorOf(services, request, kOfficer);
  if (!officer) {
    return tl::unexpected(officer.error());
  }
  const auto order = services.store.order(orderId);
  const auto events = services.store.events(orderId);
  if (!order || !events) {
    return store::asError(!order ? order.error() : events.error());
  }
  nlohmann::json list = nlohmann::json::array();
  for (const store::OrderEvent& event : *events) {
    list.push_back({{"at", utcText(event.at)},
                    {"actor", event.actor},
                    {"from", textOrNull(event.from)},
                    {"to", event.to}});
  }
  return json(200, {{"orderId", order->id},
                    {"state", store::name(order->state)},
                    {"refusal", textOrNull(order->refusal)},
                    {"name", order->applicant.name},
                    {"permitNumber", order->permitNumber},
                    {"cardNumber", textOrNull(order->cardNumber)},
                    {"deadline", timeOrNull(order->deadline)},
                    {"events", list}});
}

Answer renewUserCode(const Services& services, const OperatorCall& call) {
  const auto idempotency = idempotencyOf(call.body, "officer:" + call.name,
                                         "POST user-code " + call.parameters.at("order"));
  const bool identified = call.body.boolean("identified");
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!identified) {
    return refused(422, "registration.bearer-not-confirmed");
  }
  const auto code = services.registration.renewUserCode(call.parameters.at("order"), idempotency,
                                                        "officer:" + call.name);
  if (!code) {
    return tl::unexpected(code.error());
  }
  return json(200, {{"userCode", textOrNull(*code)}});
}

/// Without a key: the same again changes nothing.
Answer revoke(const Services& services, const OperatorCall& call) {
  const bool identified = call.body.boolean("identified");
  const std::string reason = call.body.oneOf("reason", store::namesOf<store::RevocationReason>());
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!identified) {
    return refused(422, "registration.bearer-not-confirmed");
  }
  const auto revoked = services.revocation.revoke(call.parameters.at("order"),
                                                  *store::parse<store::RevocationReason>(reason),
                                                  "officer:" + call.name);
  return revoked ? json(200, {{"state", "revoked"}}) : Answer(tl::unexpected(revoked.error()));
}

}  // namespace

void addRegistrationRoutes(Routes& routes) {
  const Services services = routes.services();
  const std::string base = kRegistrations;
  routes.addOperatorPost(base, kOfficer, apply);
  routes.add("GET", base + "/{order}",
             [services](const net::Request& request, const Parameters& parameters) {
               return show(services, request, parameters.at("order"));
             });
  routes.addOperatorPost(base + "/{order}/user-code", kOfficer, renewUserCode);
  routes.addOperatorPost(base + "/{order}/revocation", kOfficer, revoke);
}

}  // namespace fncard::server::api
