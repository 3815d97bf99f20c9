// SPDX-License-Identifier: Apache-2.0
#include "activation-client/issuer/http_issuer.h"

#include <limits>
#include <utility>

#include "activation-client/issuer/answer.h"

namespace fncard::activation_client {

using card::activation::IssuerResult;
using nlohmann::json;

namespace {

// Wipes the text in the object.
std::optional<card::Puk> takePuk(json& object, const char* name) {
  if (!object.contains(name) || !object[name].is_string()) {
    return std::nullopt;
  }
  std::string& text = object[name].get_ref<std::string&>();
  auto puk = card::Puk::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return puk ? std::optional(std::move(*puk)) : std::nullopt;
}

}  // namespace

HttpIssuer::HttpIssuer(std::string server, net::ClientOptions options, messages::Language language)
    : HttpTransactionIssuer({"/activations", "active"}, std::move(server), std::move(options),
                            language) {}

IssuerResult<card::Pin> HttpIssuer::release(const std::string& transaction, ByteView signature) {
  auto answer = transactions_.prove(transaction, signature);
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

IssuerResult<void> HttpIssuer::reportTamper(const std::string& transaction,
                                            const std::string& cardNumber) {
  return transactions_.report(transaction, "tamper", cardNumber);
}

IssuerResult<PublishedStatus> HttpIssuer::certificateStatus(const std::string& serial) {
  const auto answer = transactions_.exchange("GET", "/certificates/" + serial + "/status", {});
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

HttpUnblockingIssuer::HttpUnblockingIssuer(std::string server, net::ClientOptions options,
                                           messages::Language language)
    : HttpTransactionIssuer({"/unblockings", "done"}, std::move(server), std::move(options),
                            language) {}

IssuerResult<card::activation::Puks> HttpUnblockingIssuer::release(const std::string& transaction,
                                                                   ByteView signature) {
  auto answer = transactions_.prove(transaction, signature);
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const Wiped text(std::move(*answer));
  json object = parseObject(text.text());
  if (object.is_null()) {
    return malformed();
  }
  auto current = takePuk(object, "puk");
  auto next = takePuk(object, "nextPuk");
  const auto attempt = object.find("attempt");
  if (!current || !next || attempt == object.end() || !attempt->is_number_unsigned() ||
      *attempt == 0U || *attempt > std::numeric_limits<unsigned>::max()) {
    return malformed();
  }
  return card::activation::Puks{*std::move(current), *std::move(next), attempt->get<unsigned>()};
}

IssuerResult<void> HttpUnblockingIssuer::reportRefused(const std::string& transaction,
                                                       const std::string& cardNumber) {
  return transactions_.report(transaction, "refused", cardNumber);
}

}  // namespace fncard::activation_client
