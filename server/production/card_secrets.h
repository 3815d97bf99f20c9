// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/hsm/hsm.h"

/// What only a card and the HSM know. Derived from the card number at each use, never stored.
namespace fncard::server::production {

/// Wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::vector<unsigned char> bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  Secret& operator=(Secret&&) = delete;
  ~Secret();
  [[nodiscard]] const std::vector<unsigned char>& bytes() const { return bytes_; }

 private:
  std::vector<unsigned char> bytes_;
};

struct CardSecrets {
  Secret managementKey;  ///< 9B, AES-256
  Secret puk;            ///< eight digits
  Secret transportPin;   ///< eight digits
};

/// The keys that a card has from its personalisation on: usage epoch 0.
Result<CardSecrets> deriveCardSecrets(hsm::Hsm& hsm, const std::string& cardNumber);
Result<Secret> deriveTransportPin(hsm::Hsm& hsm, const std::string& cardNumber);
/// The PUK of a card that was unblocked so many times.
Result<Secret> derivePuk(hsm::Hsm& hsm, const std::string& cardNumber, long long epoch);

}  // namespace fncard::server::production
