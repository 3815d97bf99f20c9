// SPDX-License-Identifier: Apache-2.0
#include "server/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>

namespace fncard::server {

std::string upperHex(std::span<const unsigned char> data) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(data.size() * 2);
  for (const unsigned char byte : data) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
  }
  return text;
}

std::string sha256Hex(std::span<const unsigned char> data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(data.data(), data.size(), digest.data());
  return upperHex(digest);
}

std::string sha256Hex(std::string_view data) {
  return sha256Hex(std::span(reinterpret_cast<const unsigned char*>(data.data()), data.size()));
}

bool equalSecrets(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace fncard::server
