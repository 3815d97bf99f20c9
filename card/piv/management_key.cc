// SPDX-License-Identifier: Apache-2.0
#include "card/piv/management_key.h"

#include <openssl/evp.h>

#include <memory>

namespace fncard::card::piv {
namespace {

const EVP_CIPHER* cipherOf(ManagementAlgorithm algorithm) {
  switch (algorithm) {
    case ManagementAlgorithm::TripleDes:
      return EVP_des_ede3_ecb();
    case ManagementAlgorithm::Aes128:
      return EVP_aes_128_ecb();
    case ManagementAlgorithm::Aes192:
      return EVP_aes_192_ecb();
    case ManagementAlgorithm::Aes256:
      break;
  }
  return EVP_aes_256_ecb();
}

Result<SecretBytes> crypt(ManagementAlgorithm algorithm, const SecretBytes& key, ByteView block,
                          bool encrypt) {
  const std::size_t size = blockSize(algorithm);
  if (block.size() != size || key.size() != managementKeySize(algorithm)) {
    return failed(ErrorCode::Internal, "key or block of the wrong size");
  }
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  SecretBytes out(2 * size);  // OpenSSL may write up to a block more than it is given
  int written = 0;
  if (!context ||
      EVP_CipherInit_ex2(context.get(), cipherOf(algorithm), key.bytes().data(), nullptr,
                         encrypt ? 1 : 0, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), out.bytes().data(), &written, block.data(),
                       static_cast<int>(size)) != 1 ||
      static_cast<std::size_t>(written) != size) {
    return failed(ErrorCode::Internal, "cipher of the administration key");
  }
  return SecretBytes::take(out.bytes().first(size));
}

}  // namespace

std::size_t blockSize(ManagementAlgorithm algorithm) {
  return algorithm == ManagementAlgorithm::TripleDes ? 8 : 16;
}

std::size_t managementKeySize(ManagementAlgorithm algorithm) {
  switch (algorithm) {
    case ManagementAlgorithm::TripleDes:
    case ManagementAlgorithm::Aes192:
      return 24;
    case ManagementAlgorithm::Aes128:
      return 16;
    case ManagementAlgorithm::Aes256:
      break;
  }
  return 32;
}

Result<SecretBytes> encryptBlock(ManagementAlgorithm algorithm, const SecretBytes& key,
                                 ByteView block) {
  return crypt(algorithm, key, block, true);
}

Result<SecretBytes> decryptBlock(ManagementAlgorithm algorithm, const SecretBytes& key,
                                 ByteView block) {
  return crypt(algorithm, key, block, false);
}

}  // namespace fncard::card::piv
