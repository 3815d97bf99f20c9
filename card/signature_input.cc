// SPDX-License-Identifier: Apache-2.0
#include "card/signature_input.h"

#include <openssl/sha.h>

#include <iterator>

namespace fncard::card {
namespace {

// DigestInfo of SHA-256 before its digest (RFC 8017 §9.2, note 1)
constexpr std::uint8_t kDigestInfo[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

}  // namespace

Bytes sha256(ByteView bytes) {
  Bytes digest(SHA256_DIGEST_LENGTH);
  SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

Bytes sha256SignatureInput(KeyAlgorithm algorithm, ByteView digest) {
  Bytes block;
  if (isRsa(algorithm)) {
    const std::size_t paddingEnd = keySize(algorithm) - digest.size() - std::size(kDigestInfo) - 1;
    block = {0x00, 0x01};
    block.resize(paddingEnd, 0xFF);
    block.push_back(0x00);
    block.insert(block.end(), std::begin(kDigestInfo), std::end(kDigestInfo));
  }
  block.insert(block.end(), digest.begin(), digest.end());
  return block;
}

}  // namespace fncard::card
