// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "card/wire/bytes.h"

/// What the fuzz targets share: how an input is cut into parts, and what is said when a promise is
/// broken.
namespace fncard::fuzz {

/// Ends the process, which libFuzzer reports with the input, unless the promise holds.
inline void require(bool holds, const char* promise) {
  if (!holds) {
    (void)std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
  }
}

/// Reads an input from its start. At its end everything is zero or empty.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : rest_(bytes, size) {}

  [[nodiscard]] bool atEnd() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

  std::uint8_t byte() {
    const ByteView one = take(1);
    return one.empty() ? std::uint8_t{0} : one.front();
  }

  /// A record: two bytes of big-endian length and that many bytes, or as many as there are. The
  /// form of vpcd's messages, so that an exchange with a card is a row of them.
  ByteView record() {
    const std::size_t high = byte();
    return take(high << 8U | byte());
  }

 private:
  ByteView take(std::size_t size) {
    const ByteView taken = rest_.first(size < rest_.size() ? size : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  ByteView rest_;
};

inline std::string_view asText(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace fncard::fuzz
