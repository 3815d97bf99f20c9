// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "server/api/card_transaction.h"

namespace fncard::server::api {
namespace {

const std::string kUnblockings = "/api/v1/unblockings";

Answer begin(const Services& services, const net::Request& request) {
  const auto call = readBegin(request, "POST unblockings");
  if (!call) {
    return tl::unexpected(call.error());
  }
  const auto begun = services.unblocking.begin(call->request, call->idempotency);
  if (!begun) {
    return tl::unexpected(begun.error());
  }
  const store::Unblocking& unblocking = begun->unblocking;
  return begunAnswer(unblocking.transaction, unblocking.nonce, store::name(unblocking.state),
                     begun->birthDate);
}

Answer prove(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto signature = readProof(body);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  const auto puks = services.unblocking.release(transaction, *signature);
  return puks ? secretsAnswer({{"puk", &puks->current}, {"nextPuk", &puks->next}},
                              {{"attempt", puks->attempt}})
              : Answer(tl::unexpected(puks.error()));
}

Answer commit(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto receipt = readReceipt(body);
  if (!receipt) {
    return tl::unexpected(receipt.error());
  }
  const auto committed = services.unblocking.commit(transaction, receipt->text, receipt->signature);
  return committed ? json(200, {{"state", "done"}}) : Answer(tl::unexpected(committed.error()));
}

Answer refuse(const Services& services, JsonReader& body, const std::string& transaction) {
  const auto cardNumber = readCardNumber(body);
  if (!cardNumber) {
    return tl::unexpected(cardNumber.error());
  }
  const auto reported = services.unblocking.reportRefused(transaction, *cardNumber);
  return reported ? net::Response::noContent() : Answer(tl::unexpected(reported.error()));
}

}  // namespace

void addUnblockingRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", kUnblockings, [services](const net::Request& request, const Parameters&) {
    return begin(services, request);
  });
  routes.add("GET", kUnblockings + "/{transaction}",
             [services](const net::Request&, const Parameters& parameters) -> Answer {
               const auto state = services.unblocking.state(parameters.at("transaction"));
               return state ? json(200, {{"state", store::name(*state)}})
                            : Answer(tl::unexpected(state.error()));
             });
  addStep(routes, kUnblockings, "proof", prove);
  addStep(routes, kUnblockings, "receipt", commit);
  addStep(routes, kUnblockings, "refused", refuse);
}

}  // namespace fncard::server::api
