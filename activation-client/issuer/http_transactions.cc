// SPDX-License-Identifier: Apache-2.0
#include "activation-client/issuer/http_transactions.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

#include "activation-client/issuer/answer.h"
#include "net/base64.h"

namespace fncard::activation_client {
namespace {

using card::activation::Application;
using card::activation::Begun;
using card::activation::IssuerError;
using card::activation::IssuerResult;
using card::activation::TransactionState;
using nlohmann::json;

constexpr std::size_t kNonceBytes = 32;
constexpr std::size_t kMaxTransaction = 64;
constexpr std::size_t kMaxSentence = 1000;
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} * 1024;

// A new one each time: an open transaction is taken up again by its card, not by this key.
std::string randomKey() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return wire::toHex(bytes);
}

// A transaction becomes part of a path: nothing but letters, digits and hyphens.
bool isTransaction(const std::string& text) {
  return !text.empty() && text.size() <= kMaxTransaction && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

IssuerError stated(const net::Response& response) {
  // Busy, locked for a while, broken: nothing happened, and the same call may succeed later.
  IssuerError error{"http-" + std::to_string(response.status),
                    {},
                    response.status >= 500 || response.status == 429};
  const json body = parseObject(response.body);
  if (body.is_null() || !body.contains("error") || !body["error"].is_object()) {
    return error;
  }
  const auto code = textMember(body["error"], "code");
  if (code && code->size() <= kMaxTransaction) {
    error.code = *code;
    error.message = textMember(body["error"], "message").value_or("").substr(0, kMaxSentence);
  }
  return error;
}

net::ClientOptions bounded(net::ClientOptions options) {
  options.maxBodyBytes = std::min(options.maxBodyBytes, kMaxAnswerBytes);
  return options;
}

}  // namespace

HttpTransactions::HttpTransactions(Kind kind, std::string server, net::ClientOptions options,
                                   messages::Language language)
    : kind_(std::move(kind)),
      server_(std::move(server)),
      client_(bounded(std::move(options))),
      language_(language) {
  while (server_.ends_with('/')) {
    server_.pop_back();
  }
}

IssuerResult<std::string> HttpTransactions::exchange(const std::string& method,
                                                     const std::string& path, std::string body) {
  net::Request request;
  request.method = method;
  request.headers["accept-language"] = std::string(messages::tag(language_));
  if (!body.empty()) {
    request.headers["content-type"] = "application/json";
  }
  request.body = std::move(body);
  auto response = client_.send(server_ + "/api/v1" + path, std::move(request));
  if (!response) {
    return tl::unexpected(IssuerError{std::string(net::messageCode(response.error().code)),
                                      {},
                                      response.error().code != net::ErrorCode::InvalidUrl});
  }
  if (response->status < 200 || response->status > 299) {
    return tl::unexpected(stated(*response));
  }
  return std::move(response->body);
}

std::string HttpTransactions::stepPath(const std::string& transaction,
                                       const std::string& step) const {
  return kind_.path + "/" + transaction + (step.empty() ? "" : "/" + step);
}

std::optional<TransactionState> HttpTransactions::parseState(const std::string& text) const {
  const std::pair<std::string_view, TransactionState> states[] = {
      {"begun", TransactionState::Begun},
      {"released", TransactionState::Released},
      {kind_.doneState, TransactionState::Done},
      {"refused", TransactionState::Refused}};
  for (const auto& [name, state] : states) {
    if (text == name) {
      return state;
    }
  }
  return std::nullopt;
}

IssuerResult<Begun> HttpTransactions::begin(const Application& application,
                                            const std::string& cardNumber) {
  const ByteView code = application.userCode.bytes();
  json body = {{"idempotencyKey", randomKey()},
               {"permitNumber", application.permitNumber},
               {"userCode", std::string(code.begin(), code.end())},
               {"cardNumber", cardNumber}};
  std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  wipe(body["userCode"].get_ref<std::string&>());
  const auto answer = exchange("POST", kind_.path, std::move(text));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(*answer);
  if (object.is_null()) {
    return malformed();
  }
  const auto transaction = textMember(object, "transaction");
  const auto nonce = net::decodeBase64(textMember(object, "nonce").value_or(""));
  const auto state = parseState(textMember(object, "state").value_or(""));
  if (!transaction || !isTransaction(*transaction) || !nonce || nonce->size() != kNonceBytes ||
      !state) {
    return malformed();
  }
  return Begun{*transaction, *nonce, *state, textMember(object, "birthDate").value_or("")};
}

IssuerResult<std::string> HttpTransactions::prove(const std::string& transaction,
                                                  ByteView signature) {
  const json body = {{"signature", net::encodeBase64(signature)}};
  return exchange("POST", stepPath(transaction, "proof"), body.dump());
}

IssuerResult<void> HttpTransactions::commit(const std::string& transaction, ByteView receipt,
                                            ByteView signature) {
  const json body = {{"receipt", net::encodeBase64(receipt)},
                     {"signature", net::encodeBase64(signature)}};
  const auto answer = exchange("POST", stepPath(transaction, "receipt"), body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(*answer);
  if (object.is_null() || textMember(object, "state") != kind_.doneState) {
    return malformed();
  }
  return {};
}

IssuerResult<TransactionState> HttpTransactions::state(const std::string& transaction) {
  const auto answer = exchange("GET", stepPath(transaction, ""), {});
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(*answer);
  const auto state =
      object.is_null() ? std::nullopt : parseState(textMember(object, "state").value_or(""));
  if (!state) {
    return malformed();
  }
  return *state;
}

IssuerResult<void> HttpTransactions::report(const std::string& transaction, const std::string& what,
                                            const std::string& cardNumber) {
  const json body = {{"cardNumber", cardNumber}};
  const auto answer = exchange("POST", stepPath(transaction, what), body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return {};
}

}  // namespace fncard::activation_client
