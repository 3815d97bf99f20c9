// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "server/api/card_transaction.h"
#include "server/api/values.h"

namespace fncard::server::api {
namespace {

const std::string kActivations = "/api/v1/activations";

Answer begin(const Services& services, const net::Request& request) {
  const auto call = readBegin(request, "POST activations");
  if (!call) {
    return tl::unexpected(call.error());
  }
  const auto begun = services.activation.begin(call->request, call->idempotency);
  if (!begun) {
    return tl::unexpected(begun.error());
  }
  const store::Activation& activation = begun->activation;
  return begunAnswer(activation.transaction, activation.nonce, store::name(activation.state),
                     begun->birthDate);
}

Answer prove(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto signature = readProof(body);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  const auto pin = services.activation.release(transaction, *signature);
  return pin ? secretsAnswer({{"transportPin", &*pin}}) : Answer(tl::unexpected(pin.error()));
}

Answer commit(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto receipt = readReceipt(body);
  if (!receipt) {
    return tl::unexpected(receipt.error());
  }
  const auto committed = services.activation.commit(transaction, receipt->text, receipt->signature);
  return committed ? json(200, {{"state", "active"}}) : Answer(tl::unexpected(committed.error()));
}

Answer tamper(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto cardNumber = readCardNumber(body);
  if (!cardNumber) {
    return tl::unexpected(cardNumber.error());
  }
  const auto reported = services.activation.reportTamper(transaction, *cardNumber);
  return reported ? net::Response::noContent() : Answer(tl::unexpected(reported.error()));
}

}  // namespace

void addActivationRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", kActivations, [services](const net::Request& request, const Parameters&) {
    return begin(services, request);
  });
  routes.add("GET", kActivations + "/{transaction}",
             [services](const net::Request&, const Parameters& parameters) -> Answer {
               const auto state = services.activation.state(parameters.at("transaction"));
               return state ? json(200, {{"state", store::name(*state)}})
                            : Answer(tl::unexpected(state.error()));
             });
  addStep(routes, kActivations, "proof", prove);
  addStep(routes, kActivations, "receipt", commit);
  addStep(routes, kActivations, "tamper", tamper);
}

}  // namespace fncard::server::api
