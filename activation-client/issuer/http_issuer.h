// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "activation-client/issuer/http_transactions.h"
#include "card/activation/activation.h"
#include "card/activation/unblocking.h"

namespace fncard::activation_client {

/// What the authority says of a certificate: GET /certificates/{serial}/status (docs/api.md).
enum class PublishedStatus { Good, OnHold, Revoked, Unknown };

template <typename Interface>
class HttpTransactionIssuer : public Interface {
 public:
  card::activation::IssuerResult<card::activation::Begun> begin(
      const card::activation::Application& application, const std::string& cardNumber) override {
    return transactions_.begin(application, cardNumber);
  }
  card::activation::IssuerResult<void> commit(const std::string& transaction, ByteView receipt,
                                              ByteView signature) override {
    return transactions_.commit(transaction, receipt, signature);
  }
  card::activation::IssuerResult<card::activation::TransactionState> state(
      const std::string& transaction) override {
    return transactions_.state(transaction);
  }

 protected:
  HttpTransactionIssuer(HttpTransactions::Kind kind, std::string server, net::ClientOptions options,
                        messages::Language language)
      : transactions_(std::move(kind), std::move(server), std::move(options), language) {}

  HttpTransactions transactions_;
};

/// The issuer over the network: docs/api.md, "Activation". server: "https://host:port", without a
/// path. language: of the server's sentences.
class HttpIssuer final : public HttpTransactionIssuer<card::activation::Issuer> {
 public:
  HttpIssuer(std::string server, net::ClientOptions options, messages::Language language);

  card::activation::IssuerResult<card::Pin> release(const std::string& transaction,
                                                    ByteView signature) override;
  card::activation::IssuerResult<void> reportTamper(const std::string& transaction,
                                                    const std::string& cardNumber) override;

  card::activation::IssuerResult<PublishedStatus> certificateStatus(const std::string& serial);
};

/// docs/api.md, "Unblocking"; otherwise as HttpIssuer.
class HttpUnblockingIssuer final
    : public HttpTransactionIssuer<card::activation::UnblockingIssuer> {
 public:
  HttpUnblockingIssuer(std::string server, net::ClientOptions options, messages::Language language);

  card::activation::IssuerResult<card::activation::Puks> release(const std::string& transaction,
                                                                 ByteView signature) override;
  card::activation::IssuerResult<void> reportRefused(const std::string& transaction,
                                                     const std::string& cardNumber) override;
};

}  // namespace fncard::activation_client
