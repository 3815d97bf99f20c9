// SPDX-License-Identifier: Apache-2.0
#include "agent/native/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace fncard::agent::native {

std::string toBase64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the end that OpenSSL writes
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<Bytes> fromBase64(std::string_view text) {
  constexpr std::size_t kMostPadding = 2;
  Bytes bytes(text.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  const std::string_view end = text.substr(text.size() - std::min(text.size(), kMostPadding));
  const auto padding = static_cast<std::size_t>(std::ranges::count(end, '='));
  if (text.size() % 4 != 0 || size != static_cast<int>(bytes.size()) || padding > bytes.size()) {
    return std::nullopt;
  }
  bytes.resize(bytes.size() - padding);
  if (toBase64(bytes) != text) {  // OpenSSL is generous: blanks, bits beyond the last byte
    return std::nullopt;
  }
  return bytes;
}

}  // namespace fncard::agent::native
