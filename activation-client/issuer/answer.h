// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "card/activation/transaction.h"

/// Answers of the server, which may be anything.
namespace fncard::activation_client {

/// The answer that is not of the API: "net.malformed", transient.
tl::unexpected<card::activation::IssuerError> malformed();

/// null for anything but an object.
nlohmann::json parseObject(const std::string& body);

/// A text member; nothing when it is absent or no text.
std::optional<std::string> textMember(const nlohmann::json& object, const char* name);

void wipe(std::string& text);

/// Wipes the text on every way out.
class Wiped {
 public:
  explicit Wiped(std::string text) : text_(std::move(text)) {}
  ~Wiped() { wipe(text_); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace fncard::activation_client
