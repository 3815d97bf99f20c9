// SPDX-License-Identifier: Apache-2.0
#include "tests/activation-client/fake_server.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "trust/certificate.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;

constexpr const char* kTransaction = "0f6f3c1e-transaction";

std::string nonce() {
  return net::encodeBase64(Bytes(32, 0x5A));
}

net::Response ok(const json& body) {
  return net::Response::json(200, body.dump());
}

net::Response refuse(int status, const std::string& code) {
  const json error = {{"code", code}, {"message", "The server says " + code + "."}};
  return net::Response::json(status, json{{"error", error}}.dump());
}

std::string readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

trust::Certificate certificate(const std::string& path) {
  const std::string pem = readFile(path);
  return *trust::Certificate::read({pem.begin(), pem.end()});
}

Bytes bytesOf(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

FakeServer::FakeServer(std::string cardDirectory, std::string transportPin)
    : cardDirectory_(std::move(cardDirectory)),
      transportPin_(std::move(transportPin)),
      cardNumber_(certificate(cardDirectory_ + "/card-authentication.pem").commonName) {
  const std::string transaction = std::string("/api/v1/activations/") + kTransaction;
  router_.add("POST", "/api/v1/activations",
              [this](const auto& request, const auto&) { return begin(request); });
  router_.add("POST", transaction + "/proof",
              [this](const auto& request, const auto&) { return release(request); });
  router_.add("POST", transaction + "/receipt",
              [this](const auto& request, const auto&) { return commit(request); });
  router_.add("GET", transaction, [this](const auto&, const auto&) {
    return lose_-- > 0 ? refuse(503, "server.busy") : ok({{"state", state_}});
  });
  router_.add("POST", transaction + "/tamper", [this](const auto&, const auto&) {
    tampered_ = true;
    return net::Response::noContent();
  });
  router_.add("GET", "/api/v1/certificates/{serial}/status", [this](const auto&, const auto& p) {
    if (p.at("serial") != certificate(cardDirectory_ + "/signature.pem").serial) {
      return ok({{"status", "unknown"}, {"since", nullptr}});
    }
    return ok({{"status", state_ == "active" ? "good" : "on-hold"}, {"since", nullptr}});
  });
  server_ = std::move(*net::Server::start({}, [this](const auto& request) {
    const std::scoped_lock lock(mutex_);
    return handle(request);
  }));
}

std::string FakeServer::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

bool FakeServer::isActive() {
  const std::scoped_lock lock(mutex_);
  return state_ == "active";
}

bool FakeServer::wasTamperedWith() {
  const std::scoped_lock lock(mutex_);
  return tampered_;
}

std::string FakeServer::everythingReceived() {
  const std::scoped_lock lock(mutex_);
  return received_;
}

void FakeServer::loseNextCommit() {
  const std::scoped_lock lock(mutex_);
  lose_ = 2;
}

net::Response FakeServer::handle(const net::Request& request) {
  received_ += request.target + "\n" + request.body + "\n";
  for (const auto& [name, value] : request.headers) {
    received_.append(name).append(": ").append(value).append("\n");
  }
  return router_.route(request);
}

net::Response FakeServer::begin(const net::Request& request) {
  const json body = json::parse(request.body);
  if (body.at("permitNumber") != kPermitNumber || body.at("userCode") != kUserCode ||
      body.at("cardNumber") != cardNumber_) {
    return refuse(403, "activation.refused");
  }
  if (state_ == "active") {
    return refuse(409, "activation.already-active");
  }
  return ok({{"transaction", kTransaction},
             {"nonce", nonce()},
             {"state", state_},
             {"birthDate", kBirthDate}});
}

net::Response FakeServer::release(const net::Request& request) {
  const auto signature =
      *net::decodeBase64(json::parse(request.body).at("signature").get<std::string>());
  Bytes message = bytesOf(std::string("fncard activation 1") + kTransaction);
  message.insert(message.end(), 32, 0x5A);
  message.insert(message.end(), cardNumber_.begin(), cardNumber_.end());
  if (!trust::verifySignature(certificate(cardDirectory_ + "/card-authentication.pem").publicKey,
                              message, signature)) {
    return refuse(403, "activation.proof-wrong");
  }
  if (state_ == "begun") {
    state_ = "released";
  }
  return ok({{"transportPin", transportPin_}});
}

net::Response FakeServer::commit(const net::Request& request) {
  const json body = json::parse(request.body);
  const auto receipt = *net::decodeBase64(body.at("receipt").get<std::string>());
  const auto signature = *net::decodeBase64(body.at("signature").get<std::string>());
  const json stated = json::parse(receipt.begin(), receipt.end());
  const bool good = stated.at("transaction") == kTransaction && stated.at("nonce") == nonce() &&
                    stated.at("certificates").size() == 2 &&
                    trust::verifySignature(certificate(cardDirectory_ + "/signature.pem").publicKey,
                                           receipt, signature);
  if (!good) {
    return refuse(403, "activation.receipt-wrong");
  }
  if (lose_ > 0) {
    --lose_;
    return refuse(503, "server.busy");
  }
  state_ = "active";
  return ok({{"state", state_}});
}

}  // namespace fncard::activation_client
