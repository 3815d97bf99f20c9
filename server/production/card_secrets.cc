// SPDX-License-Identifier: Apache-2.0
#include "server/production/card_secrets.h"

#include <openssl/crypto.h>

#include "server/issuance/authority.h"

namespace fncard::server::production {
namespace {

constexpr std::size_t kManagementKeyBytes = 32;
constexpr std::size_t kPinBytes = 16;
constexpr std::size_t kPinDigits = 8;

Result<Secret> derive(hsm::Hsm& hsm, const std::string& cardNumber, std::string_view label,
                      long long epoch, std::size_t size) {
  auto bytes =
      hsm.derive(issuance::kCardSecretsKey, label, cardNumber + "/" + std::to_string(epoch), size);
  if (!bytes) {
    return tryAgain(bytes.error().detail);
  }
  return Secret(*std::move(bytes));
}

/// 128 bits modulo 10^8: each value as likely as the others but for one in 10^30.
Result<Secret> deriveDigits(hsm::Hsm& hsm, const std::string& cardNumber, std::string_view label,
                            long long epoch = 0) {
  const auto bytes = derive(hsm, cardNumber, label, epoch, kPinBytes);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  constexpr unsigned long long kModulus = 100'000'000;
  unsigned long long value = 0;
  for (const unsigned char byte : bytes->bytes()) {
    value = (value * 256 + byte) % kModulus;
  }
  std::vector<unsigned char> digits(kPinDigits);
  for (std::size_t i = kPinDigits; i-- > 0; value /= 10) {
    digits[i] = static_cast<unsigned char>('0' + value % 10);
  }
  return Secret(std::move(digits));
}

}  // namespace

Secret::~Secret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

Result<Secret> deriveTransportPin(hsm::Hsm& hsm, const std::string& cardNumber) {
  return deriveDigits(hsm, cardNumber, "transport PIN");
}

Result<Secret> derivePuk(hsm::Hsm& hsm, const std::string& cardNumber, long long epoch) {
  return deriveDigits(hsm, cardNumber, "PUK", epoch);
}

Result<CardSecrets> deriveCardSecrets(hsm::Hsm& hsm, const std::string& cardNumber) {
  auto managementKey = derive(hsm, cardNumber, "management key", 0, kManagementKeyBytes);
  auto puk = derivePuk(hsm, cardNumber, 0);
  auto transportPin = deriveTransportPin(hsm, cardNumber);
  if (!managementKey || !puk || !transportPin) {
    return tryAgain("the HSM does not derive card secrets");
  }
  return CardSecrets{*std::move(managementKey), *std::move(puk), *std::move(transportPin)};
}

}  // namespace fncard::server::production
