// SPDX-License-Identifier: Apache-2.0
#include "activation-client/issuer/http_issuer.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

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

tl::unexpected<IssuerError> malformed() {
  return tl::unexpected(
      IssuerError{std::string(net::messageCode(net::ErrorCode::Malformed)), {}, true});
}

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
}

// Wipes the text on every way out.
class Wiped {
 public:
  explicit Wiped(std::string text) : text_(std::move(text)) {}
  ~Wiped() { wipe(text_); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

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

std::optional<TransactionState> parseState(const std::string& text) {
  static const std::pair<const char*, TransactionState> kStates[] = {
      {"begun", TransactionState::Begun},
      {"released", TransactionState::Released},
      {"active", TransactionState::Done},
      {"refused", TransactionState::Refused}};
  for (const auto& [name, state] : kStates) {
    if (text == name) {
      return state;
    }
  }
  return std::nullopt;
}

// A text member; nothing when it is absent or no text.
std::optional<std::string> textMember(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return std::nullopt;
  }
  return member->get<std::string>();
}

json parseObject(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  return value.is_object() ? value : json(nullptr);
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

HttpIssuer::HttpIssuer(std::string server, net::ClientOptions options, messages::Language language)
    : server_(std::move(server)), client_(bounded(std::move(options))), language_(language) {
  while (server_.ends_with('/')) {
    server_.pop_back();
  }
}

IssuerResult<std::string> HttpIssuer::exchange(const std::string& method, const std::string& path,
                                               std::string body) {
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

IssuerResult<Begun> HttpIssuer::begin(const Application& application,
                                      const std::string& cardNumber) {
  const ByteView code = application.userCode.bytes();
  json body = {{"idempotencyKey", randomKey()},
               {"permitNumber", application.permitNumber},
               {"userCode", std::string(code.begin(), code.end())},
               {"cardNumber", cardNumber}};
  std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  wipe(body["userCode"].get_ref<std::string&>());
  const auto answer = exchange("POST", "/activations", std::move(text));
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

IssuerResult<card::Pin> HttpIssuer::release(const std::string& transaction, ByteView signature) {
  const json body = {{"signature", net::encodeBase64(signature)}};
  auto answer = exchange("POST", "/activations/" + transaction + "/proof", body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const Wiped text(std::move(*answer));
  json object = parseObject(text.text());
  if (object.is_null() || !object.contains("transportPin") || !object["transportPin"].is_string()) {
    return malformed();
  }
  auto pin = card::Pin::take(object["transportPin"].get_ref<std::string&>());
  if (!pin) {
    return malformed();
  }
  return std::move(*pin);
}

IssuerResult<void> HttpIssuer::commit(const std::string& transaction, ByteView receipt,
                                      ByteView signature) {
  const json body = {{"receipt", net::encodeBase64(receipt)},
                     {"signature", net::encodeBase64(signature)}};
  const auto answer = exchange("POST", "/activations/" + transaction + "/receipt", body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(*answer);
  if (object.is_null() || textMember(object, "state") != "active") {
    return malformed();
  }
  return {};
}

IssuerResult<TransactionState> HttpIssuer::state(const std::string& transaction) {
  const auto answer = exchange("GET", "/activations/" + transaction, {});
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

IssuerResult<void> HttpIssuer::reportTamper(const std::string& transaction,
                                            const std::string& cardNumber) {
  const json body = {{"cardNumber", cardNumber}};
  const auto answer = exchange("POST", "/activations/" + transaction + "/tamper", body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return {};
}

IssuerResult<PublishedStatus> HttpIssuer::certificateStatus(const std::string& serial) {
  const auto answer = exchange("GET", "/certificates/" + serial + "/status", {});
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(*answer);
  const std::string status =
      object.is_null() ? std::string{} : textMember(object, "status").value_or("");
  if (status == "good") {
    return PublishedStatus::Good;
  }
  if (status == "on-hold") {
    return PublishedStatus::OnHold;
  }
  if (status == "revoked") {
    return PublishedStatus::Revoked;
  }
  if (status == "unknown") {
    return PublishedStatus::Unknown;
  }
  return malformed();
}

}  // namespace fncard::activation_client
