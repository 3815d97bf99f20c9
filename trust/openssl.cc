// SPDX-License-Identifier: Apache-2.0
#include "trust/openssl.h"

#include <openssl/err.h>

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

}  // namespace fncard::trust::openssl
