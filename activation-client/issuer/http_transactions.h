// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/activation/transaction.h"
#include "messages/messages.h"
#include "net/client.h"

namespace fncard::activation_client {

/// The calls that each kind of transaction has, over the network: docs/api.md. A failure of the
/// network is an IssuerError with the code of net/ ("net.timeout") and transient; one that the
/// server states has the server's code and sentence.
class HttpTransactions {
 public:
  template <typename T>
  using Answer = card::activation::IssuerResult<T>;

  struct Kind {
    std::string path;       ///< below /api/v1: "/activations"
    std::string doneState;  ///< what the server calls Done: "active"
  };
  /// server: "https://host:port", without a path. language: of the server's sentences.
  HttpTransactions(Kind kind, std::string server, net::ClientOptions options,
                   messages::Language language);

  Answer<card::activation::Begun> begin(const card::activation::Application& application,
                                        const std::string& cardNumber);
  /// The body of the answer, which holds secrets: to be wiped.
  Answer<std::string> prove(const std::string& transaction, ByteView signature);
  Answer<void> commit(const std::string& transaction, ByteView receipt, ByteView signature);
  Answer<card::activation::TransactionState> state(const std::string& transaction);
  /// Something about the card that the issuer must know: "tamper".
  Answer<void> report(const std::string& transaction, const std::string& what,
                      const std::string& cardNumber);

  /// Any call below /api/v1: the body of an answer 2xx.
  Answer<std::string> exchange(const std::string& method, const std::string& path,
                               std::string body);

 private:
  [[nodiscard]] std::string stepPath(const std::string& transaction, const std::string& step) const;
  [[nodiscard]] std::optional<card::activation::TransactionState> parseState(
      const std::string& text) const;

  Kind kind_;
  std::string server_;
  net::Client client_;
  messages::Language language_;
};

}  // namespace fncard::activation_client
