// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "messages/messages.h"
#include "net/client.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/program/commands.h"
#include "server/program/pem.h"

namespace fncard::server::program {
namespace {

std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A person reads the day in Taipei: the deadline is its end.
std::string dayOf(const std::string& utc) {
  const auto time = parseUtcText(utc);
  return time ? dateText(taipeiDate(*time)) : utc;
}

net::Request requestFor(const RegisterOptions& options, messages::Language language) {
  const nlohmann::json body = {
      {"idempotencyKey",
       options.idempotencyKey.empty() ? randomIdentifier() : options.idempotencyKey},
      {"permitNumber", options.permitNumber},
      {"bearerConfirmed", options.bearerConfirmed},
      {"phone", options.phone},
      {"email", options.email},
      {"language", options.language},
      {"profile", options.profile}};
  net::Request request;
  request.method = "POST";
  request.headers["content-type"] = "application/json";
  request.headers["accept-language"] = messages::tag(language);
  request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return request;
}

Outcome<nlohmann::json> ask(const RegisterOptions& options, messages::Language language) {
  const net::Client client({.trustFile = options.trust,
                            .certificateChainFile = options.certificate,
                            .privateKeyFile = options.key});
  auto answer =
      client.send(options.server + "/api/v1/registrations", requestFor(options, language));
  if (!answer) {
    const auto url = net::Url::parse(options.server);
    return stop(messages::text(language, net::messageCode(answer.error().code),
                               {{"host", url ? url->host : options.server}}));
  }
  auto body = nlohmann::json::parse(answer->body, nullptr, false);
  OPENSSL_cleanse(answer->body.data(), answer->body.size());
  if (!body.is_object()) {
    return stop(messages::text(language, net::messageCode(net::ErrorCode::Malformed)));
  }
  if (answer->status >= 300) {
    return stop(member(body.value("error", nlohmann::json::object()), "message"));
  }
  return body;
}

void print(const nlohmann::json& order, const std::string& code, bool showCode,
           messages::Language language) {
  const std::string id = member(order, "orderId");
  if (member(order, "state") == "awaiting-registry") {
    std::cout << messages::text(language, "registration.done-awaiting", {{"order", id}}) << "\n";
    return;
  }
  std::cout << messages::text(language, "registration.done-order",
                              {{"order", id}, {"name", member(order, "name")}})
            << "\n"
            << messages::text(language, "registration.done-deadline",
                              {{"fee", std::to_string(order.value("fee", 0))},
                               {"deadline", dayOf(member(order, "deadline"))}})
            << "\n";
  if (code.empty()) {
    std::cout << messages::text(language, "registration.done-repeated") << "\n";
  } else if (showCode) {
    std::cout << messages::text(language, "registration.done-user-code", {{"code", code}}) << "\n";
  }
}

}  // namespace

Outcome<void> registerApplicant(const RegisterOptions& options) {
  const messages::Language language = messages::ofEnvironment();
  if (!options.userCodeFile.empty() && std::filesystem::exists(options.userCodeFile)) {
    // afterwards would be too late: the server tells the code once
    return stop("The file " + options.userCodeFile + " exists already: name a new one.");
  }
  auto order = ask(options, language);
  if (!order) {
    return tl::unexpected(order.error());
  }
  std::string code = member(*order, "userCode");
  const bool toFile = !options.userCodeFile.empty();
  if (toFile && !code.empty()) {
    const auto written = writeNewFile(options.userCodeFile, code + "\n", Access::OwnerOnly);
    if (!written) {
      return written;
    }
    order->erase("userCode");
  }
  if (options.json) {
    std::cout << order->dump() << "\n";
  } else {
    print(*order, code, !toFile, language);
  }
  OPENSSL_cleanse(code.data(), code.size());
  return {};
}

}  // namespace fncard::server::program
