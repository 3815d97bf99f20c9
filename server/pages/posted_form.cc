// SPDX-License-Identifier: Apache-2.0
#include "server/pages/posted_form.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <set>

#include "server/base/text.h"

namespace fncard::server::pages {
namespace {

bool isFormType(const std::string& contentType) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  std::string type = contentType.substr(0, contentType.find(';'));
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  while (type.ends_with(' ')) {
    type.pop_back();
  }
  return type == kForm;
}

bool isText(const std::string& value) {
  return value.empty() || characters(value) > 0;
}

}  // namespace

Result<PostedForm> PostedForm::read(const net::Request& request) {
  if (!isFormType(request.header("content-type"))) {
    return refused(415, "pages.content-type");
  }
  auto fields = net::parseForm(request.body);
  if (!fields) {
    return refused(400, "request.malformed");
  }
  std::set<std::string> names;
  for (const auto& [name, value] : *fields) {
    if (!names.insert(name).second || !isText(name) || !isText(value)) {
      return refused(400, "request.malformed");
    }
  }
  return PostedForm(*std::move(fields));
}

PostedForm::~PostedForm() {
  for (auto& [name, value] : fields_) {
    OPENSSL_cleanse(value.data(), value.size());
  }
}

std::string PostedForm::text(std::string_view name) const {
  std::string value = net::formValue(fields_, name);
  const std::size_t first = value.find_first_not_of(' ');
  if (first == std::string::npos) {
    return {};
  }
  return value.substr(first, value.find_last_not_of(' ') - first + 1);
}

std::string PostedForm::number(std::string_view name) const {
  std::string typed = text(name);
  std::erase_if(typed, [](char c) { return c == ' ' || c == '-'; });
  std::ranges::transform(typed, typed.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return typed;
}

}  // namespace fncard::server::pages
