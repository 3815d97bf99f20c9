// SPDX-License-Identifier: Apache-2.0
#include "activation-client/user_code.h"

namespace fncard::activation_client {

std::string normaliseUserCode(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (c != ' ' && c != '-' && c != '\t') {
      code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return code;
}

bool isUserCode(std::string_view normalised) {
  constexpr std::string_view kCharacters = "34679ACDEFGHJKMNPQRTWXY";
  constexpr std::size_t kSize = 8;
  return normalised.size() == kSize &&
         normalised.find_first_not_of(kCharacters) == std::string_view::npos;
}

}  // namespace fncard::activation_client
