// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"

namespace fncard::server {

/// Reads the members of one JSON object with their types and lengths. The first thing wrong is kept
/// and finish() gives it, so that a caller reads all members in a row and asks once. A member that
/// nobody read is an error. Texts are wiped in memory when it goes.
class JsonReader {
 public:
  /// The body of a request: one object, at most 8 deep, no member twice.
  static Result<JsonReader> parse(std::string_view body);
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  /// At least minimum and at most maximum bytes of characters that are seen (text.h).
  std::string text(const std::string& name, std::size_t minimum, std::size_t maximum);
  /// Whatever characters it has: for a caller that judges them.
  std::string anyText(const std::string& name, std::size_t minimum, std::size_t maximum);
  /// As text(), or empty where the member is absent.
  std::string optionalText(const std::string& name, std::size_t minimum, std::size_t maximum);
  std::string oneOf(const std::string& name, const std::vector<std::string>& values);
  /// As oneOf(), or empty where the member is absent.
  std::string optionalOneOf(const std::string& name, const std::vector<std::string>& values);
  bool boolean(const std::string& name);
  std::vector<unsigned char> base64(const std::string& name, std::size_t minimum,
                                    std::size_t maximum);
  /// As base64(), or nothing where the member is absent.
  std::optional<std::vector<unsigned char>> optionalBase64(const std::string& name,
                                                           std::size_t minimum,
                                                           std::size_t maximum);
  /// 16 to 64 characters [A-Za-z0-9-].
  std::string idempotencyKey();
  /// A member that is an object; its own finish() is for the caller to ask.
  Result<JsonReader> object(const std::string& name);

  /// A hash of all members but idempotencyKey and userCode (whose hash would give it away), the
  /// same for whatever order and white space they came in.
  [[nodiscard]] std::string contentHash() const;
  /// What was wrong first, or that a member was not read.
  [[nodiscard]] Result<void> finish() const;

 private:
  explicit JsonReader(std::unique_ptr<nlohmann::json> object);
  const nlohmann::json* take(const std::string& name);
  void wrong(const std::string& name);

  std::unique_ptr<nlohmann::json> object_;
  std::set<std::string, std::less<>> read_;
  std::string wrongMember_;
};

}  // namespace fncard::server
