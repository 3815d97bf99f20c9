// SPDX-License-Identifier: Apache-2.0
#include "activation-client/issuer/answer.h"

#include <sodium.h>

#include "net/client.h"

namespace fncard::activation_client {

using nlohmann::json;

tl::unexpected<card::activation::IssuerError> malformed() {
  return tl::unexpected(card::activation::IssuerError{
      std::string(net::messageCode(net::ErrorCode::Malformed)), {}, true});
}

json parseObject(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  return value.is_object() ? value : json(nullptr);
}

std::optional<std::string> textMember(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return std::nullopt;
  }
  return member->get<std::string>();
}

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
}

}  // namespace fncard::activation_client
