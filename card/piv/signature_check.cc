// SPDX-License-Identifier: Apache-2.0
#include "card/piv/signature_check.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "card/certificate_key.h"

namespace fncard::card::piv {
namespace {

/// The public operation gives the block back (RFC 8017 §5.2.2).
bool opensTo(EVP_PKEY_CTX* context, ByteView block, ByteView signature) {
  Bytes opened(block.size());
  std::size_t size = opened.size();
  return EVP_PKEY_verify_recover_init(context) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
         EVP_PKEY_verify_recover(context, opened.data(), &size, signature.data(),
                                 signature.size()) == 1 &&
         size == block.size() && std::equal(block.begin(), block.end(), opened.begin());
}

}  // namespace

bool isSignatureOf(ByteView certificate, KeyAlgorithm algorithm, ByteView input,
                   ByteView signature) {
  const auto stated = keyAlgorithmOfCertificate(certificate);
  if (!stated || *stated != algorithm) {
    return false;
  }
  const std::uint8_t* at = certificate.data();
  const std::unique_ptr<X509, decltype(&X509_free)> x509(
      d2i_X509(nullptr, &at, static_cast<long>(certificate.size())), &X509_free);
  EVP_PKEY* key = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      key != nullptr ? EVP_PKEY_CTX_new(key, nullptr) : nullptr, &EVP_PKEY_CTX_free);
  if (!context) {
    return false;
  }
  if (isRsa(algorithm)) {
    return opensTo(context.get(), input, signature);
  }
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), input.data(),
                         input.size()) == 1;
}

}  // namespace fncard::card::piv
