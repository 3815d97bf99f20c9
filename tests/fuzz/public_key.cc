// SPDX-License-Identifier: Apache-2.0
// The public key template of a generated key pair: nothing but a key of the wanted algorithm comes
// out. The first byte of the input is the algorithm.
#include "card/piv/public_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  using card::KeyAlgorithm;
  constexpr std::array kAlgorithms{KeyAlgorithm::EcP256, KeyAlgorithm::EcP384,
                                   KeyAlgorithm::Rsa2048, KeyAlgorithm::Rsa3072,
                                   KeyAlgorithm::Rsa4096};
  fuzz::Input input(bytes, size);
  const KeyAlgorithm algorithm = kAlgorithms[input.byte() % kAlgorithms.size()];
  const auto info = card::piv::subjectPublicKeyInfo(algorithm, input.rest());
  if (!info) {
    fuzz::require(info.error().code == card::ErrorCode::Malformed, "refused as malformed");
    return 0;
  }
  const std::uint8_t* at = info->data();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(info->size())), &EVP_PKEY_free);
  fuzz::require(key && at == info->data() + info->size(), "the key can be read");
  fuzz::require(EVP_PKEY_get_bits(key.get()) == static_cast<int>(8 * card::keySize(algorithm)),
                "the key has the size of its algorithm");
  fuzz::require(EVP_PKEY_is_a(key.get(), card::isRsa(algorithm) ? "RSA" : "EC") == 1,
                "the key has the type of its algorithm");
  return 0;
}
