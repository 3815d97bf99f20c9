// SPDX-License-Identifier: Apache-2.0
#include "server/production/key_check.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

#include "trust/certificate.h"
#include "trust/openssl.h"

namespace fncard::server::production {
namespace {

constexpr std::string_view kProofLabel = "fncard key proof 1";

/// "rsa2048", "p256", "p384", or empty for any other key.
std::string profileOf(const store::Bytes& publicKey) {
  const auto key = trust::openssl::decoded<trust::openssl::KeyPointer, d2i_PUBKEY>(publicKey);
  if (!key) {
    trust::openssl::takeErrors();
    return {};
  }
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    constexpr int kBits = 2048;
    return EVP_PKEY_get_bits(key.get()) == kBits ? "rsa2048" : "";
  }
  std::array<char, 64> group{};
  if (EVP_PKEY_is_a(key.get(), "EC") != 1 ||
      EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) != 1) {
    return {};
  }
  const std::string name = group.data();
  return name == "prime256v1" ? "p256" : name == "secp384r1" ? "p384" : "";
}

store::Bytes provenData(const std::string& jobId, const store::Bytes& publicKey) {
  // GCC 12 mistakes the growth of a vector that began with the label's 18 bytes for an overflow
  const std::string text = std::string(kProofLabel) + jobId;
  store::Bytes data(text.begin(), text.end());
  data.insert(data.end(), publicKey.begin(), publicKey.end());
  return data;
}

}  // namespace

Result<void> checkKeys(const std::string& jobId, const std::string& profile,
                       const PerKey<ProvenKey>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const ProvenKey& key = keys.at(i);
    const std::string found = profileOf(key.publicKey);
    const bool ofProfile =
        found == profile || kUses.at(i) == store::CertificateUse::CardAuthentication;
    const bool again = key.publicKey == keys.at((i + 1) % keys.size()).publicKey;
    if (found.empty() || !ofProfile || again) {
      return refused(422, "production.key-refused");
    }
    if (!trust::verifySignature(key.publicKey, provenData(jobId, key.publicKey), key.proof)) {
      return refused(422, "production.proof-wrong");
    }
  }
  return {};
}

}  // namespace fncard::server::production
