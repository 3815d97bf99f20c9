// SPDX-License-Identifier: Apache-2.0
#include "trust/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace fncard::trust::openssl {

std::string takeErrors() {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    std::array<char, 256> line{};
    ERR_error_string_n(error, line.data(), line.size());
    text += (text.empty() ? "" : "; ") + std::string(line.data());
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
      text += " (" + std::string(data) + ")";
    }
  }
  return text.empty() ? "OpenSSL gives no reason" : text;
}

std::string serialText(const ASN1_INTEGER* serial) {
  const BignumPointer number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) {
    return {};
  }
  char* const hex = BN_bn2hex(number.get());
  std::string text(hex != nullptr ? hex : "");
  OPENSSL_free(hex);
  return text;
}

std::string dotted(const ASN1_OBJECT* object) {
  constexpr int kNumbersOnly = 1;
  std::array<char, 256> text{};
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, kNumbersOnly);
  return size > 0 && static_cast<std::size_t>(size) < text.size() ? std::string(text.data())
                                                                  : std::string();
}

std::optional<std::chrono::system_clock::time_point> timeOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(parts.tm_year + 1900),
      std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::optional<std::vector<unsigned char>> pemBlock(const std::vector<unsigned char>& bytes,
                                                   std::initializer_list<std::string_view> kinds) {
  const BioPointer input(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!input || PEM_read_bio(input.get(), &name, &header, &data, &size) != 1) {
    return std::nullopt;
  }
  const bool wanted =
      std::ranges::find(kinds, std::string_view(name)) != kinds.end() && *header == '\0';
  std::vector<unsigned char> der(data, data + size);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  // what follows the first block is not looked at in silence
  std::string rest(static_cast<std::size_t>(BIO_pending(input.get())), '\0');
  BIO_read(input.get(), rest.data(), static_cast<int>(rest.size()));
  const bool alone = rest.find_first_not_of(" \t\r\n") == std::string::npos;
  return wanted && alone ? std::optional(std::move(der)) : std::nullopt;
}

}  // namespace fncard::trust::openssl
