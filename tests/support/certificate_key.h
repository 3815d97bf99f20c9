// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "card/wire/bytes.h"

namespace fncard::test {

/// The public key of a certificate, in OpenSSL's hands: the judge of what a module makes.
class CertificateKey {
 public:
  static std::optional<CertificateKey> fromDer(ByteView certificate);
  static std::optional<CertificateKey> fromPemFile(const std::string& path);

  /// A signature as PKCS #11 gives it (ECDSA: r and s of equal size), SHA-256.
  [[nodiscard]] bool verifies(ByteView text, ByteView signature) const;
  /// RSA PKCS#1 v1.5; empty when OpenSSL refuses.
  [[nodiscard]] Bytes encrypt(ByteView text) const;
  /// A new key pair's point (uncompressed) and the secret that it and this key share.
  [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> agreeWithNewKey() const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  explicit CertificateKey(EVP_PKEY* key) : key_(key) {}

  std::unique_ptr<EVP_PKEY, Free> key_;
};

}  // namespace fncard::test
