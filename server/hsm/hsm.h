// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

/// The CA's keys, in a PKCS#11 HSM (SoftHSM2 by default). They are made there and never leave it.
namespace fncard::server::hsm {

struct Error {
  std::string detail;
};
template <typename T>
using Result = tl::expected<T, Error>;

struct Options {
  std::string module;  ///< path of the PKCS#11 library
  std::string tokenLabel;
  std::string pinFile;  ///< a file of mode 0600 whose first line is the user PIN
};

enum class KeyType { Rsa3072, Rsa4096, EcP256, EcP384 };

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// One logged-in HSM. Thread-safe.
class Hsm {
 public:
  static Result<std::unique_ptr<Hsm>> open(const Options& options);
  virtual ~Hsm() = default;

  virtual Result<void> generateKeyPair(const std::string& label, KeyType type) = 0;
  /// An AES-256 key that only makes CMACs, for per-card secrets.
  virtual Result<void> generateDerivationKey(const std::string& label) = 0;

  /// A private key whose operations run in the HSM: works with X509_sign, OCSP_basic_sign,
  /// CMS_sign, …
  virtual Result<Key> key(const std::string& label) = 0;

  /// NIST SP 800-108 §4.1 (counter mode, AES-CMAC): size bytes from the derivation key over label
  /// and context.
  virtual Result<std::vector<unsigned char>> derive(const std::string& keyLabel,
                                                    std::string_view label,
                                                    std::string_view context, std::size_t size) = 0;
};

}  // namespace fncard::server::hsm
