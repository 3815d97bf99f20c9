// SPDX-License-Identifier: Apache-2.0
#include "card/certificate_key.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace fncard::card {
namespace {

Result<KeyAlgorithm> algorithmOf(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    switch (EVP_PKEY_get_bits(key)) {
      case 2048:
        return KeyAlgorithm::Rsa2048;
      case 3072:
        return KeyAlgorithm::Rsa3072;
      case 4096:
        return KeyAlgorithm::Rsa4096;
      default:
        return failed(ErrorCode::Unsupported, "RSA key of another size");
    }
  }
  std::array<char, 64> group{};
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) {
    return failed(ErrorCode::Unsupported, "neither an RSA nor an EC key");
  }
  switch (OBJ_txt2nid(group.data())) {
    case NID_X9_62_prime256v1:
      return KeyAlgorithm::EcP256;
    case NID_secp384r1:
      return KeyAlgorithm::EcP384;
    default:
      return failed(ErrorCode::Unsupported, "EC key on another curve");
  }
}

}  // namespace

Result<KeyAlgorithm> keyAlgorithmOfCertificate(ByteView certificate) {
  const std::uint8_t* at = certificate.data();
  const std::unique_ptr<X509, decltype(&X509_free)> x509(
      d2i_X509(nullptr, &at, static_cast<long>(certificate.size())), &X509_free);
  EVP_PKEY* key = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
  if (key == nullptr) {
    return failed(ErrorCode::Malformed, "no X.509 certificate with a key that can be read");
  }
  return algorithmOf(key);
}

}  // namespace fncard::card
