// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include "trust/certificate.h"
#include "trust/openssl.h"

namespace fncard::trust {

Bytes sha256(const Bytes& data) {
  Bytes digest(32);
  EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

Result<void> verifySignature(const Bytes& subjectPublicKeyInfo, const Bytes& data,
                             const Bytes& signature) {
  constexpr std::size_t kLargestKey = 4096;
  constexpr std::size_t kLargestSignature = 2048;
  if (subjectPublicKeyInfo.size() > kLargestKey || signature.size() > kLargestSignature) {
    return tl::unexpected(Error{ErrorCode::Malformed, "the key or the signature is too long"});
  }
  const auto key = openssl::decoded<openssl::KeyPointer, d2i_PUBKEY>(subjectPublicKeyInfo);
  const int kind = key ? EVP_PKEY_get_base_id(key.get()) : EVP_PKEY_NONE;
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC) {
    (void)openssl::takeErrors();
    return tl::unexpected(Error{ErrorCode::UnsupportedAlgorithm, "neither an RSA nor an EC key"});
  }
  const std::unique_ptr<EVP_MD_CTX, openssl::FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const bool right =
      context &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                       data.size()) == 1;
  (void)openssl::takeErrors();
  if (!right) {
    return tl::unexpected(
        Error{ErrorCode::SignatureWrong, "the signature is not of this key over this data"});
  }
  return {};
}

}  // namespace fncard::trust
