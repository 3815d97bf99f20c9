// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fncard::agent::operations {

/// The origin of a page that may use the card, as the browser itself writes it in ASCII (HTML
/// §7.1.1): "https://portal.example", with a port only where it is not the scheme's own. Two
/// origins are the same when their texts are.
class Origin {
 public:
  static constexpr std::size_t kMaxHost = 253;

  /// Nothing for "null", for a scheme that is not https, for http unless the host is this PC
  /// (localhost, 127.0.0.1, [::1]), and for every other way of writing an origin: path, trailing
  /// slash or dot, user, capital letters, the scheme's own port, letters that are not ASCII.
  static std::optional<Origin> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  friend bool operator==(const Origin&, const Origin&) = default;

 private:
  explicit Origin(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace fncard::agent::operations
