// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "net/http.h"

namespace fncard::net {
namespace {

constexpr std::size_t kMaxFields = 200;

int hexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// WHATWG URL §5.2: what stays as it is; a space becomes "+"
bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '*';
}

std::string encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (isPlain(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 0x0FU]};
    }
  }
  return out;
}

tl::unexpected<Error> refused(ErrorCode code, std::string detail) {
  return tl::unexpected(Error{code, std::move(detail)});
}

}  // namespace

std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plusIsSpace) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

Result<Form> parseForm(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const std::size_t end = body.find('&');
    const std::string_view field = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (field.empty()) {
      continue;
    }
    if (form.size() == kMaxFields) {
      return refused(ErrorCode::TooLarge, "form of more than 200 fields");
    }
    const std::size_t equals = field.find('=');
    auto key = percentDecode(field.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string{}
                                                  : percentDecode(field.substr(equals + 1), true);
    if (!key || !value) {
      return refused(ErrorCode::Malformed, "percent encoding in a form");
    }
    form.emplace_back(std::move(*key), std::move(*value));
  }
  return form;
}

std::string encodeForm(const Form& form) {
  std::string out;
  for (const auto& [key, value] : form) {
    if (!out.empty()) {
      out += '&';
    }
    out += encode(key) + '=' + encode(value);
  }
  return out;
}

std::string formValue(const Form& form, std::string_view key) {
  for (const auto& [name, value] : form) {
    if (name == key) {
      return value;
    }
  }
  return {};
}

}  // namespace fncard::net
