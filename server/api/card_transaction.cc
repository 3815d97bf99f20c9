// SPDX-License-Identifier: Apache-2.0
#include "server/api/card_transaction.h"

#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "server/api/values.h"

namespace fncard::server::api {

Result<BeginCall> readBegin(const net::Request& request, const std::string& call) {
  auto body = JsonReader::parse(request.body);
  if (!body) {
    return tl::unexpected(body.error());
  }
  BeginCall begin;
  begin.request.permitNumber = body->text("permitNumber", 1, kLongestPermitNumber);
  begin.request.userCode = body->text("userCode", 1, kLongestUserCode);
  begin.request.cardNumber = body->text("cardNumber", 1, kLongestWord);
  begin.idempotency = idempotencyOf(*body, "applicant:" + begin.request.cardNumber, call);
  if (const auto read = body->finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!isCardNumber(begin.request.cardNumber)) {
    return invalidMember("cardNumber");
  }
  return begin;
}

net::Response begunAnswer(const std::string& transaction, const store::Bytes& nonce,
                          std::string_view state, const std::string& birthDate) {
  return json(200, {{"transaction", transaction},
                    {"nonce", net::encodeBase64(nonce)},
                    {"state", state},
                    {"birthDate", birthDate}});
}

net::Response secretsAnswer(
    std::initializer_list<std::pair<std::string_view, const production::Secret*>> secrets,
    std::initializer_list<std::pair<std::string_view, long long>> more) {
  // written here and not by a JSON library, which would keep copies; digits need no escape
  std::string body;
  for (const auto& [name, secret] : secrets) {
    body += body.empty() ? "{\"" : ",\"";
    body += name;
    body += "\":\"";
    body.append(secret->bytes().begin(), secret->bytes().end());
    body += '"';
  }
  for (const auto& [name, number] : more) {
    body.append(",\"").append(name).append("\":").append(std::to_string(number));
  }
  net::Response response = net::Response::json(200, body + "}");
  response.headers["cache-control"] = "no-store";
  return response;
}

Result<store::Bytes> readProof(JsonReader& body) {
  auto signature = body.base64("signature", 1, kLargestSignature);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  return signature;
}

Result<std::string> readCardNumber(JsonReader& body) {
  std::string cardNumber = body.text("cardNumber", 1, kLongestWord);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  return cardNumber;
}

Result<Receipt> readReceipt(JsonReader& body) {
  Receipt receipt{.text = body.base64("receipt", 1, kLargestReceipt),
                  .signature = body.base64("signature", 1, kLargestSignature)};
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  return receipt;
}

void addStep(Routes& routes, const std::string& base, const std::string& name, StepCall call) {
  const Services services = routes.services();
  routes.add("POST", base + "/{transaction}/" + name,
             [services, call](const net::Request& request, const Parameters& parameters) -> Answer {
               auto body = JsonReader::parse(request.body);
               return body ? call(services, *body, parameters.at("transaction"))
                           : Answer(tl::unexpected(body.error()));
             });
}

}  // namespace fncard::server::api
