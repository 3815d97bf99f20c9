// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

/// Between messages.cc and the table that compile_catalogues.py makes; nobody else includes it.
namespace fncard::messages {

inline constexpr std::size_t kLanguageCount = 5;

struct Entry {
  std::string_view code;
  /// In the order of Language; null where the language has no such sentence.
  std::array<const char*, kLanguageCount> texts;
};

/// Sorted by code.
std::span<const Entry> catalogue();

}  // namespace fncard::messages
