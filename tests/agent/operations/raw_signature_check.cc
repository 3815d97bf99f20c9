// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/operations/raw_signature_check.h"

#include <openssl/ecdsa.h>

#include <memory>

namespace fncard::agent::operations {
namespace {

Bytes derOf(ByteView raw) {
  const auto half = static_cast<int>(raw.size() / 2);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(ECDSA_SIG_new(),
                                                                    &ECDSA_SIG_free);
  ECDSA_SIG_set0(parts.get(), BN_bin2bn(raw.data(), half, nullptr),
                 BN_bin2bn(raw.data() + half, half, nullptr));
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(parts.get(), nullptr)));
  std::uint8_t* next = der.data();
  i2d_ECDSA_SIG(parts.get(), &next);
  return der;
}

const char* nameOf(card::Hash hash) {
  return hash == card::Hash::Sha256 ? "SHA256" : hash == card::Hash::Sha384 ? "SHA384" : "SHA512";
}

}  // namespace

bool verifiesRaw(EVP_PKEY* key, card::Hash hash, ByteView message, ByteView signature) {
  const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  const Bytes given = rsa ? Bytes(signature.begin(), signature.end()) : derOf(signature);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_get_digestbyname(nameOf(hash)), nullptr,
                              key) == 1 &&
         EVP_DigestVerify(context.get(), given.data(), given.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace fncard::agent::operations
