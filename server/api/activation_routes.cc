// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "server/api/call.h"
#include "server/api/values.h"

namespace fncard::server::api {
namespace {

constexpr const char* kBase = "/api/v1/activations";

Answer begin(const Services& services, const net::Request& request) {
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  activation::BeginRequest begin;
  begin.permitNumber = body->text("permitNumber", 1, kLongestPermitNumber);
  begin.userCode = body->text("userCode", 1, kLongestUserCode);
  begin.cardNumber = body->text("cardNumber", 1, kLongestWord);
  const auto idempotency =
      idempotencyOf(*body, "applicant:" + begin.cardNumber, "POST activations");
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!isCardNumber(begin.cardNumber)) {
    return invalidMember("cardNumber");
  }
  const auto begun = services.activation.begin(begin, idempotency);
  if (!begun) {
    return tl::unexpected(begun.error());
  }
  return json(200, {{"transaction", begun->activation.transaction},
                    {"nonce", net::encodeBase64(begun->activation.nonce)},
                    {"state", store::name(begun->activation.state)},
                    {"birthDate", begun->birthDate}});
}

Answer prove(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto signature = body.base64("signature", 1, kLargestSignature);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto pin = services.activation.release(transaction, signature);
  if (!pin) {
    return tl::unexpected(pin.error());
  }
  // written here and not by a JSON library, which would keep copies; digits need no escape
  net::Response response =
      net::Response::json(200, R"({"transportPin":")" +
                                   std::string(pin->bytes().begin(), pin->bytes().end()) + R"("})");
  response.headers["cache-control"] = "no-store";
  return response;
}

Answer commit(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto receipt = body.base64("receipt", 1, kLargestReceipt);
  const auto signature = body.base64("signature", 1, kLargestSignature);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto committed = services.activation.commit(transaction, receipt, signature);
  return committed ? json(200, {{"state", "active"}}) : Answer(tl::unexpected(committed.error()));
}

Answer tamper(const Services& services, JsonReader& body, const std::string& transaction) {
  const std::string cardNumber = body.text("cardNumber", 1, kLongestWord);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto reported = services.activation.reportTamper(transaction, cardNumber);
  return reported ? net::Response::noContent() : Answer(tl::unexpected(reported.error()));
}

using StepCall = Answer (*)(const Services&, JsonReader&, const std::string&);

void addStep(Routes& routes, const std::string& name, StepCall call) {
  const Services services = routes.services();
  routes.add("POST", kBase + ("/{transaction}/" + name),
             [services, call](const net::Request& request, const Parameters& parameters) -> Answer {
               auto body = JsonReader::parse(request.body);
               return body ? call(services, *body, parameters.at("transaction"))
                           : Answer(tl::unexpected(body.error()));
             });
}

}  // namespace

void addActivationRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", kBase, [services](const net::Request& request, const Parameters&) {
    return begin(services, request);
  });
  routes.add("GET", kBase + std::string("/{transaction}"),
             [services](const net::Request&, const Parameters& parameters) -> Answer {
               const auto state = services.activation.state(parameters.at("transaction"));
               return state ? json(200, {{"state", store::name(*state)}})
                            : Answer(tl::unexpected(state.error()));
             });
  addStep(routes, "proof", prove);
  addStep(routes, "receipt", commit);
  addStep(routes, "tamper", tamper);
}

}  // namespace fncard::server::api
