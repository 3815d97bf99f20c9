// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/activation/activation.h"
#include "messages/messages.h"
#include "net/client.h"

namespace fncard::activation_client {

/// What the authority says of a certificate: GET /certificates/{serial}/status (docs/api.md).
enum class PublishedStatus { Good, OnHold, Revoked, Unknown };

/// The issuer over the network: docs/api.md, "Activation". A failure of the network is an
/// IssuerError with the code of net/ ("net.timeout") and transient; one that the server states has
/// the server's code and sentence.
class HttpIssuer final : public card::activation::Issuer {
 public:
  /// server: "https://host:port", without a path. language: of the server's sentences.
  HttpIssuer(std::string server, net::ClientOptions options, messages::Language language);

  card::activation::IssuerResult<card::activation::Begun> begin(
      const card::activation::Application& application, const std::string& cardNumber) override;
  card::activation::IssuerResult<card::Pin> release(const std::string& transaction,
                                                    ByteView signature) override;
  card::activation::IssuerResult<void> commit(const std::string& transaction, ByteView receipt,
                                              ByteView signature) override;
  card::activation::IssuerResult<card::activation::TransactionState> state(
      const std::string& transaction) override;
  card::activation::IssuerResult<void> reportTamper(const std::string& transaction,
                                                    const std::string& cardNumber) override;

  card::activation::IssuerResult<PublishedStatus> certificateStatus(const std::string& serial);

 private:
  card::activation::IssuerResult<std::string> exchange(const std::string& method,
                                                       const std::string& path, std::string body);

  std::string server_;
  net::Client client_;
  messages::Language language_;
};

}  // namespace fncard::activation_client
