// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/names.h"

#include <openssl/asn1.h>

#include <algorithm>

#include "server/base/text.h"

namespace fncard::server::issuance {
namespace {

constexpr std::size_t kCommonNameLimit = 64;

bool visibleAscii(char c) {
  return c > ' ' && c < 0x7F;
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool upperCaseLetter(char c) {
  return c >= 'A' && c <= 'Z';
}

}  // namespace

std::string commonNameOf(std::string_view name) {
  if (characters(name) <= kCommonNameLimit) {
    return std::string(name);
  }
  const std::size_t end = sizeOfCharacters(name, kCommonNameLimit);
  std::string_view kept = name.substr(0, end);
  if (name[end] != ' ') {
    const std::size_t wordEnd = kept.rfind(' ');
    kept = kept.substr(0, wordEnd == std::string_view::npos ? kept.size() : wordEnd);
  }
  return std::string(kept.substr(0, kept.find_last_not_of(' ') + 1));
}

bool addAttribute(X509_NAME* name, int nid, const std::string& value) {
  const int type = nid == NID_countryName || nid == NID_serialNumber ? V_ASN1_PRINTABLESTRING
                                                                     : V_ASN1_UTF8STRING;
  return X509_NAME_add_entry_by_NID(name, nid, type,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool addAuthorityName(X509_NAME* name, const std::string& unit, const std::string& commonName) {
  return addAttribute(name, NID_countryName, "TW") &&
         addAttribute(name, NID_organizationName, "fncard reference") &&
         addAttribute(name, NID_organizationalUnitName, unit) &&
         addAttribute(name, NID_commonName, commonName);
}

bool isDigits(std::string_view text, std::size_t size) {
  return text.size() == size && std::all_of(text.begin(), text.end(), digit);
}

bool isCardNumber(std::string_view text) {
  return text.size() == 16 && upperCaseLetter(text[0]) && upperCaseLetter(text[1]) &&
         isDigits(text.substr(2), 14);
}

bool isEmail(std::string_view text) {
  const std::size_t at = text.find('@');
  return text.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), visibleAscii);
}

bool isPlainHttp(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  return url.size() > kScheme.size() && url.size() <= 512 && url.starts_with(kScheme) &&
         std::all_of(url.begin(), url.end(), visibleAscii);
}

}  // namespace fncard::server::issuance
