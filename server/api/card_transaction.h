// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/activation/activation.h"
#include "server/api/call.h"

/// What the calls of activation and of unblocking have in common: each begins a transaction of a
/// card and goes on under its identifier.
namespace fncard::server::api {

/// Of the body of POST …s.
struct BeginCall {
  activation::BeginRequest request;
  store::Idempotency idempotency;
};
Result<BeginCall> readBegin(const net::Request& request, const std::string& call);

/// `{transaction, nonce, state, birthDate}`
net::Response begunAnswer(const std::string& transaction, const store::Bytes& nonce,
                          std::string_view state, const std::string& birthDate);

/// `{name: "digits", …}`, not to be stored by anybody; more: members that are no secrets.
net::Response secretsAnswer(
    std::initializer_list<std::pair<std::string_view, const production::Secret*>> secrets,
    std::initializer_list<std::pair<std::string_view, long long>> more = {});

/// The body of POST …/proof.
Result<store::Bytes> readProof(JsonReader& body);

struct Receipt {
  store::Bytes text;
  store::Bytes signature;
};
/// The body of a report to the issuer: which card it is about.
Result<std::string> readCardNumber(JsonReader& body);

/// The body of POST …/receipt.
Result<Receipt> readReceipt(JsonReader& body);

using StepCall = Answer (*)(const Services&, JsonReader&, const std::string& transaction);
/// POST base/{transaction}/name.
void addStep(Routes& routes, const std::string& base, const std::string& name, StepCall call);

}  // namespace fncard::server::api
