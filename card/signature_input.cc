// SPDX-License-Identifier: Apache-2.0
#include "card/signature_input.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace fncard::card {
namespace {

/// DigestInfo before its digest (RFC 8017 §9.2, note 1): the hashes differ in the last byte of the
/// algorithm's identifier and in the lengths.
std::array<std::uint8_t, 19> digestInfo(Hash hash) {
  const auto size = static_cast<std::uint8_t>(digestSize(hash));
  const std::uint8_t identifier = hash == Hash::Sha256 ? 1 : hash == Hash::Sha384 ? 2 : 3;
  return {0x30,       static_cast<std::uint8_t>(size + 17U),
          0x30,       0x0D,
          0x06,       0x09,
          0x60,       0x86,
          0x48,       0x01,
          0x65,       0x03,
          0x04,       0x02,
          identifier, 0x05,
          0x00,       0x04,
          size};
}

const EVP_MD* evpOf(Hash hash) {
  switch (hash) {
    case Hash::Sha256:
      return EVP_sha256();
    case Hash::Sha384:
      return EVP_sha384();
    case Hash::Sha512:
      break;
  }
  return EVP_sha512();
}

}  // namespace

std::size_t digestSize(Hash hash) {
  return static_cast<std::size_t>(EVP_MD_get_size(evpOf(hash)));
}

Bytes digestOf(Hash hash, ByteView bytes) {
  Bytes digest(digestSize(hash));
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, evpOf(hash), nullptr);
  return digest;
}

Bytes sha256(ByteView bytes) {
  return digestOf(Hash::Sha256, bytes);
}

Bytes signatureInput(KeyAlgorithm algorithm, Hash hash, ByteView digest) {
  if (!isRsa(algorithm)) {
    const ByteView counted = digest.first(std::min(digest.size(), keySize(algorithm)));
    return {counted.begin(), counted.end()};
  }
  const auto info = digestInfo(hash);
  Bytes block = {0x00, 0x01};
  block.resize(keySize(algorithm) - digest.size() - info.size() - 1, 0xFF);
  block.push_back(0x00);
  block.insert(block.end(), info.begin(), info.end());
  block.insert(block.end(), digest.begin(), digest.end());
  return block;
}

Bytes sha256SignatureInput(KeyAlgorithm algorithm, ByteView digest) {
  return signatureInput(algorithm, Hash::Sha256, digest);
}

}  // namespace fncard::card
