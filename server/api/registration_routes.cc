// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "messages/messages.h"
#include "server/api/call.h"
#include "server/api/values.h"
#include "server/base/time.h"
#include "server/store/errors.h"

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

Answer apply(const Services& services, const net::Request& request) {
  const auto officer = operatorOf(services, request, kOfficer);
  if (!officer) {
    return tl::unexpected(officer.error());
  }
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  const auto idempotency = idempotencyOf(*body, "officer:" + *officer, "POST registrations");
  const auto application = readApplication(*body);
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (const auto formed = checkForms(application); !formed) {
    return tl::unexpected(formed.error());
  }
  const auto registered =
      services.registration.apply(application, idempotency, "officer:" + *officer);
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

Answer renewUserCode(const Services& services, const net::Request& request,
                     const std::string& orderId) {
  const auto officer = operatorOf(services, request, kOfficer);
  if (!officer) {
    return tl::unexpected(officer.error());
  }
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  const auto idempotency = idempotencyOf(*body, "officer:" + *officer, "POST user-code " + orderId);
  const bool identified = body->boolean("identified");
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!identified) {
    return refused(422, "registration.bearer-not-confirmed");
  }
  const auto code =
      services.registration.renewUserCode(orderId, idempotency, "officer:" + *officer);
  if (!code) {
    return tl::unexpected(code.error());
  }
  return json(200, {{"userCode", textOrNull(*code)}});
}

store::RevocationReason readReason(JsonReader& body) {
  using Reason = store::RevocationReason;
  constexpr std::array kReasons = {Reason::Lost, Reason::DataChanged, Reason::NoLongerNeeded,
                                   Reason::PermitWithdrawn};
  std::vector<std::string> names;
  for (const Reason reason : kReasons) {
    names.emplace_back(store::name(reason));
  }
  const std::string found = body.oneOf("reason", names);
  const auto* const reason =
      std::ranges::find(kReasons, found, [](Reason each) { return store::name(each); });
  return reason == kReasons.end() ? Reason::Lost : *reason;
}

/// Without a key: the same again changes nothing.
Answer revoke(const Services& services, const net::Request& request, const std::string& orderId) {
  const auto officer = operatorOf(services, request, kOfficer);
  if (!officer) {
    return tl::unexpected(officer.error());
  }
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  const bool identified = body->boolean("identified");
  const auto reason = readReason(*body);
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!identified) {
    return refused(422, "registration.bearer-not-confirmed");
  }
  const auto revoked = services.revocation.revoke(orderId, reason, "officer:" + *officer);
  return revoked ? json(200, {{"state", "revoked"}}) : Answer(tl::unexpected(revoked.error()));
}

}  // namespace

void addRegistrationRoutes(Routes& routes) {
  const Services services = routes.services();
  const std::string base = kRegistrations;
  routes.add("POST", base, [services](const net::Request& request, const Parameters&) {
    return apply(services, request);
  });
  routes.add("GET", base + "/{order}",
             [services](const net::Request& request, const Parameters& parameters) {
               return show(services, request, parameters.at("order"));
             });
  routes.add("POST", base + "/{order}/user-code",
             [services](const net::Request& request, const Parameters& parameters) {
               return renewUserCode(services, request, parameters.at("order"));
             });
  routes.add("POST", base + "/{order}/revocation",
             [services](const net::Request& request, const Parameters& parameters) {
               return revoke(services, request, parameters.at("order"));
             });
}

}  // namespace fncard::server::api
