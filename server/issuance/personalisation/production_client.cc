// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/production_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "card/signature_input.h"
#include "net/base64.h"

namespace fncard::server::personalisation {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxCertificate = std::size_t{16} * 1024;

tl::unexpected<Error> malformed() {
  return stopped(net::messageCode(net::ErrorCode::Malformed));
}

json parseObject(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  return value.is_object() ? value : json::object();
}

// Empty when it is absent or no text.
std::string text(const json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string{};
}

Bytes bytes(const json& object, const char* name) {
  return net::decodeBase64(text(object, name)).value_or(Bytes{});
}

Error stated(const net::Response& response) {
  const json body = parseObject(response.body);
  const auto error = body.find("error");
  if (error == body.end() || !error->is_object() || text(*error, "code").empty()) {
    return Error{"perso.server-error", {{"code", std::to_string(response.status)}}, {}};
  }
  return Error{text(*error, "code"), {}, text(*error, "message")};
}

bool isDate(std::string_view text) {
  if (text.size() != 10) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') {
      return false;
    }
  }
  return true;
}

std::optional<card::KeyAlgorithm> algorithmOf(const std::string& profile) {
  if (profile == "rsa2048") {
    return card::KeyAlgorithm::Rsa2048;
  }
  if (profile == "p256") {
    return card::KeyAlgorithm::EcP256;
  }
  if (profile == "p384") {
    return card::KeyAlgorithm::EcP384;
  }
  return std::nullopt;
}

Result<Job> parseJob(const std::string& body) {
  const json object = parseObject(body);
  const auto printed = object.find("printed");
  const auto algorithm = algorithmOf(text(object, "profile"));
  Job job{.jobId = text(object, "jobId"),
          .state = text(object, "state"),
          .cardNumber = text(object, "cardNumber"),
          .expiry = text(object, "expiry")};
  if (printed == object.end() || !printed->is_object() || !algorithm || !isJobId(job.jobId) ||
      !isDate(job.expiry)) {
    return malformed();
  }
  job.name = text(*printed, "name");
  job.algorithm = *algorithm;
  if (job.cardNumber.empty() || job.name.empty()) {
    return malformed();
  }
  return job;
}

// The secrets in the text are wiped, also when it is not what it should be.
Result<CardSecrets> parseSecrets(std::string& body) {
  json object = parseObject(body);
  card::wipe({reinterpret_cast<std::uint8_t*>(body.data()), body.size()});
  const auto decoded = [&object](const char* name) {
    Bytes value = bytes(object, name);
    if (object.contains(name) && object[name].is_string()) {
      auto& encoded = object[name].get_ref<std::string&>();
      card::wipe({reinterpret_cast<std::uint8_t*>(encoded.data()), encoded.size()});
    }
    return value;
  };
  Bytes managementKey = decoded("managementKey");
  Bytes pukBytes = decoded("puk");
  auto puk = card::Puk::take(pukBytes);
  auto transportPin =
      object.contains("transportPin") && object["transportPin"].is_string()
          ? card::Pin::take(object["transportPin"].get_ref<std::string&>())
          : card::Result<card::Pin>(card::failed(card::ErrorCode::PinFormat, "absent"));
  auto key = card::SecretBytes::take(managementKey);
  if (key.size() != 32 || !puk || !transportPin) {
    return malformed();
  }
  return CardSecrets{std::move(key), std::move(*puk), std::move(*transportPin)};
}

}  // namespace

bool isJobId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

bool isMailNumber(std::string_view text) {
  return text.size() == 20 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

ProductionClient::ProductionClient(std::string server, net::ClientOptions options,
                                   messages::Language language)
    : server_(std::move(server)), client_(std::move(options)), language_(language) {
  while (server_.ends_with('/')) {
    server_.pop_back();
  }
}

Result<net::Response> ProductionClient::exchange(const std::string& method, const std::string& path,
                                                 std::string body) {
  net::Request request;
  request.method = method;
  request.headers["accept-language"] = std::string(messages::tag(language_));
  if (!body.empty()) {
    request.headers["content-type"] = "application/json";
  }
  request.body = std::move(body);
  auto response = client_.send(server_ + "/api/v1/production/jobs/" + path, std::move(request));
  if (!response) {
    const auto url = net::Url::parse(server_);
    return stopped(net::messageCode(response.error().code),
                   {{"host", url ? url->host : std::string{}}});
  }
  if (response->status < 200 || response->status > 299) {
    return tl::unexpected(stated(*response));
  }
  return std::move(*response);
}

Result<std::optional<Job>> ProductionClient::claim(const std::string& idempotencyKey) {
  const auto answer = exchange("POST", "claim", json{{"idempotencyKey", idempotencyKey}}.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (answer->status == 204) {
    return std::nullopt;
  }
  auto job = parseJob(answer->body);
  if (!job) {
    return tl::unexpected(job.error());
  }
  return std::move(*job);
}

Result<Job> ProductionClient::job(const std::string& jobId) {
  const auto answer = exchange("GET", jobId, {});
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return parseJob(answer->body);
}

Result<CardSecrets> ProductionClient::secrets(const std::string& jobId) {
  auto answer = exchange("POST", jobId + "/secrets", "{}");
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return parseSecrets(answer->body);
}

Result<PerKey<Bytes>> ProductionClient::certify(const std::string& jobId,
                                                const PerKey<ProvenKey>& keys) {
  json body = {{"keys", json::object()}};
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    body["keys"][kKeySlots.at(i).name] = {{"publicKey", net::encodeBase64(keys.at(i).publicKey)},
                                          {"proof", net::encodeBase64(keys.at(i).proof)}};
  }
  const auto answer = exchange("POST", jobId + "/certificates", body.dump());
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const json object = parseObject(answer->body);
  PerKey<Bytes> certificates;
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    certificates.at(i) = bytes(object, kKeySlots.at(i).name);
    if (certificates.at(i).empty() || certificates.at(i).size() > kMaxCertificate) {
      return malformed();
    }
  }
  return certificates;
}

Result<void> ProductionClient::checked(const std::string& jobId, const PerKey<Bytes>& readBack) {
  json body = {{"readBack", json::object()}};
  for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
    body["readBack"][kKeySlots.at(i).name] = net::encodeBase64(card::sha256(readBack.at(i)));
  }
  const auto answer = exchange("POST", jobId + "/checked", body.dump());
  return answer ? Result<void>() : tl::unexpected(answer.error());
}

Result<void> ProductionClient::mailed(const std::string& jobId, const std::string& mailNumber) {
  const auto answer = exchange("POST", jobId + "/mailed", json{{"mailNumber", mailNumber}}.dump());
  return answer ? Result<void>() : tl::unexpected(answer.error());
}

Result<std::string> ProductionClient::spoiled(const std::string& jobId, const std::string& reason) {
  const auto answer =
      exchange("POST", jobId + "/spoiled",
               json{{"reason", reason}}.dump(-1, ' ', false, json::error_handler_t::replace));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  return text(parseObject(answer->body), "replacementJobId");
}

}  // namespace fncard::server::personalisation
