// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "server/api/api.h"
#include "tests/server/issuance/test_authority.h"
#include "tests/server/support/fakes.h"
#include "tests/server/support/test_database.h"

/// The whole server in one process, without a network: an empty store, an authority
/// on a token of its own, and fakes for the outside. Requests go through the
/// handler of pages and API.
namespace fncard::server::testing {

using nlohmann::json;

/// Where the browsers of tests find the pages.
inline constexpr const char* kPortalUrl = "https://portal.example";

/// The three keys of a card, in software.
class SoftwareCard {
 public:
  static constexpr std::size_t kSigning = 0;
  static constexpr std::size_t kCardAuthentication = 2;

  explicit SoftwareCard(const char* curve = "P-256");
  [[nodiscard]] store::Bytes publicKey(std::size_t key) const;
  [[nodiscard]] store::Bytes sign(std::size_t key, const std::string& data) const;
  /// A CMS SignedData over the content, with the signer's certificate (DER) in it.
  [[nodiscard]] store::Bytes signMessage(std::size_t key, const store::Bytes& certificate,
                                         const std::string& content, bool detached = false) const;
  /// The body of POST …/certificates.
  [[nodiscard]] json keys(const std::string& jobId) const;

 private:
  std::array<trust::openssl::KeyPointer, 3> keys_;
};

struct Reply {
  int status = 0;
  json body;
  net::Headers headers;
  [[nodiscard]] std::string code() const {
    return body.is_object() && body.contains("error") ? body["error"]["code"].get<std::string>()
                                                      : std::string();
  }
};

class TestOffice {
 public:
  TestOffice();
  ~TestOffice();

  /// As after a kill -9: everything but the database and the HSM is made anew.
  void restart();

  /// caller: "officer", "station", a session's token, or empty for the public.
  Reply call(const std::string& method, const std::string& path, const json& body = {},
             const std::string& caller = "");
  net::Response send(net::Request request, const std::string& caller = "");
  /// A fresh idempotency key.
  std::string key();

  // the life of an order; each expects that it works
  struct Applicant {
    std::string orderId;
    std::string permitNumber;
    std::string userCode;
  };
  Applicant apply(const std::string& permitNumber = "A800000014");
  std::string signIn(const Applicant& applicant);
  std::string openPayment(const Applicant& applicant);  ///< MerchantTradeNo
  std::string notify(const net::Form& form);            ///< the answer
  void pay(const Applicant& applicant);
  json claim();
  json certify(const std::string& jobId, const SoftwareCard& card);
  void check(const std::string& jobId, const json& certificates);
  void mail(const std::string& jobId);
  struct Mailed {
    Applicant applicant;
    std::string jobId;
    std::string cardNumber;
    json certificates;
  };
  Mailed mailedCard(const SoftwareCard& card, const std::string& permitNumber = "A800000014");
  void activate(const Mailed& mailed);  ///< in the store, without the card's proofs

  [[nodiscard]] store::Store& store();
  [[nodiscard]] payment::PaymentService& payment();
  [[nodiscard]] registration::Registration& registration();
  [[nodiscard]] activation::Revocation& revocation();
  [[nodiscard]] issuance::testing::TestAuthority& authority() { return authority_; }
  ManualClock clock;
  FakeRegistry registry;
  FakeGateway gateway;
  TestDatabase database;

 private:
  struct Parts;
  void addOperator(const std::string& role);

  issuance::testing::TestAuthority authority_{kStart};
  std::unique_ptr<Parts> parts_;
  std::map<std::string, store::Bytes> operators_;
  int keys_ = 0;
};

/// The receipt of docs/activation.md for an activation's answer.
std::string receiptFor(const json& begun, const json& certificates,
                       const std::string& time = "2026-01-31T12:00:00Z");
std::string proofFor(const json& begun, const std::string& cardNumber,
                     const std::string& purpose = "fncard activation 1");
std::string base64(const std::string& bytes);
std::string base64(const store::Bytes& bytes);

}  // namespace fncard::server::testing
