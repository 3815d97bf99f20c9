// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/check_value.h"

#include <openssl/sha.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <map>

namespace fncard::server::sandbox {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

// ECPay's conversion table: what .NET leaves as it is, "+" for a space, "%xx" for the rest.
std::string dotNetEncoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool ascii = byte < 0x80;
    if (c == ' ') {
      out += '+';
    } else if (ascii && (std::isalnum(byte) != 0 ||
                         std::string_view("-_.!*()").find(c) != std::string_view::npos)) {
      out += c;
    } else {
      std::array<char, 4> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "%%%02x", static_cast<unsigned>(byte));
      out += escaped.data();
    }
  }
  return out;
}

}  // namespace

std::string checkValue(const net::Form& fields, const std::string& hashKey,
                       const std::string& hashIv) {
  std::multimap<std::string, std::string> sorted;
  for (const auto& [name, value] : fields) {
    if (lower(name) != "checkmacvalue") {
      sorted.emplace(lower(name), name + "=" + value);
    }
  }
  std::string text = "HashKey=" + hashKey;
  for (const auto& [name, field] : sorted) {
    text += "&" + field;
  }
  const std::string encoded = lower(dotNetEncoded(text + "&HashIV=" + hashIv));
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(encoded.data()), encoded.size(), digest.data());
  std::string out;
  for (const unsigned char byte : digest) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02X", static_cast<unsigned>(byte));
    out += hex.data();
  }
  return out;
}

}  // namespace fncard::server::sandbox
