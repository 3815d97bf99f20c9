// SPDX-License-Identifier: Apache-2.0
#include "server/base/text.h"

#include <algorithm>
#include <cstdint>

namespace fncard::server {
namespace {

/// Size of the well-formed UTF-8 sequence at the front (RFC 3629 §4); 0 when there is none.
std::size_t sequenceSize(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t size = lead < 0x80                    ? 1
                           : lead >= 0xC2 && lead <= 0xDF ? 2
                           : lead >= 0xE0 && lead <= 0xEF ? 3
                           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                          : 0;
  if (size == 0 || size > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xE0 && at(1) < 0xA0) || (lead == 0xF0 && at(1) < 0x90);
  const bool surrogate = lead == 0xED && at(1) > 0x9F;
  const bool tooLarge = lead == 0xF4 && at(1) > 0x8F;
  return overlong || surrogate || tooLarge ? 0 : size;
}

/// The code point of a well-formed sequence.
std::uint32_t codePoint(std::string_view sequence) {
  constexpr std::uint32_t kLeadBits[] = {0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = static_cast<unsigned char>(sequence[0]) & kLeadBits[sequence.size() - 1];
  for (const char part : sequence.substr(1)) {
    point = point << 6U | (static_cast<unsigned char>(part) & 0x3FU);
  }
  return point;
}

/// Unicode's general categories Cc, Zl and Zp, and of Cf what changes how other characters are
/// seen. U+200C and U+200D stay out: the scripts of some names are written with them.
bool isUnseen(std::uint32_t point) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  static constexpr Range kRanges[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
                                      {0x061C, 0x061C}, {0x200B, 0x200B}, {0x200E, 0x200F},
                                      {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}};
  return std::ranges::any_of(
      kRanges, [point](const Range& range) { return point >= range.first && point <= range.last; });
}

}  // namespace

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t size = sequenceSize(text);
    if (size == 0 || isUnseen(codePoint(text.substr(0, size)))) {
      return 0;
    }
    text.remove_prefix(size);
    ++count;
  }
  return count;
}

std::size_t sizeOfCharacters(std::string_view text, std::size_t count) {
  std::size_t size = 0;
  for (; count > 0; --count) {
    size += sequenceSize(text.substr(size));
  }
  return size;
}

}  // namespace fncard::server
