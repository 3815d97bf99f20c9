// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "card/wire/bytes.h"
#include "net/server.h"

namespace fncard::activation_client {

/// The server's half of docs/activation.md for one card, on a loopback port. It checks the card's
/// signatures with the certificates of scripts/with-card and remembers every byte it was sent.
class FakeServer {
 public:
  static constexpr const char* kPermitNumber = "A800000014";
  static constexpr const char* kUserCode = "K7PQ2M";
  static constexpr const char* kBirthDate = "1990-02-03";

  /// cardDirectory: FNCARD_CARD_DIR; transportPin: FNCARD_PIN of a personalised card.
  FakeServer(std::string cardDirectory, std::string transportPin);

  [[nodiscard]] std::string url() const;
  [[nodiscard]] bool isActive();
  [[nodiscard]] bool wasTamperedWith();
  /// Bodies and targets of all requests.
  [[nodiscard]] std::string everythingReceived();
  /// The receipt is taken, but its answer and the question after it are lost, once.
  void loseNextCommit();

 private:
  net::Response handle(const net::Request& request);
  net::Response begin(const net::Request& request);
  net::Response release(const net::Request& request);
  net::Response commit(const net::Request& request);

  std::string cardDirectory_;
  std::string transportPin_;
  std::string cardNumber_;
  net::Router router_;
  std::mutex mutex_;
  std::string state_ = "begun";
  std::string received_;
  int lose_ = 0;
  bool tampered_ = false;
  std::unique_ptr<net::Server> server_;
};

}  // namespace fncard::activation_client
