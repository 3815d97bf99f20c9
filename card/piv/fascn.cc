// SPDX-License-Identifier: Apache-2.0
#include "card/piv/fascn.h"

#include <algorithm>
#include <bit>

namespace fncard::card::piv {
namespace {

constexpr std::size_t kCharacters = 40;
constexpr std::size_t kBitsPerCharacter = 5;
constexpr std::size_t kDataBits = 4;
constexpr std::size_t kLetters = 2;
constexpr std::size_t kNumberSize = 16;

// How the 40 characters are laid out: S, F, E and L are start, field separator, end and check
// character, digits are themselves; a to d are the two letters of the card number, two digits
// each, and e to r its 14 digits.
constexpr std::string_view kLayout = "S9999FabcdFefghijFkFlF0000mnopqr100001EL";
static_assert(kLayout.size() == kCharacters);
constexpr char kFirstPlace = 'a';
constexpr std::size_t kPlaces = 18;

constexpr std::uint8_t kStart = 0xB;
constexpr std::uint8_t kSeparator = 0xD;
constexpr std::uint8_t kEnd = 0xF;

using Characters = std::array<std::uint8_t, kCharacters>;

bool isPlace(char symbol) {
  return symbol >= 'a' && symbol <= 'z';
}

std::uint8_t fixedValue(char symbol) {
  switch (symbol) {
    case 'S':
      return kStart;
    case 'F':
      return kSeparator;
    case 'E':
      return kEnd;
    default:
      return static_cast<std::uint8_t>(symbol - '0');
  }
}

std::uint8_t checkCharacter(const Characters& characters) {
  std::uint8_t check = 0;
  for (std::size_t i = 0; i + 1 < kCharacters; ++i) {
    check ^= characters[i];
  }
  return check;
}

/// Letters as 01 to 26, then the digits.
std::array<std::uint8_t, kPlaces> placesOf(std::string_view cardNumber) {
  std::array<std::uint8_t, kPlaces> places{};
  for (std::size_t i = 0; i < kLetters; ++i) {
    const auto index = static_cast<std::uint8_t>(cardNumber[i] - 'A' + 1);
    places[2 * i] = index / 10;
    places[2 * i + 1] = index % 10;
  }
  for (std::size_t i = kLetters; i < kNumberSize; ++i) {
    places[kLetters + i] = static_cast<std::uint8_t>(cardNumber[i] - '0');
  }
  return places;
}

Fascn pack(const Characters& characters) {
  Fascn out{};
  std::size_t bit = 0;
  const auto append = [&](unsigned value) {
    out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] | (value << (7 - bit % 8)));
    ++bit;
  };
  for (const std::uint8_t character : characters) {
    for (std::size_t i = 0; i < kDataBits; ++i) {
      append((character >> i) & 1U);
    }
    append(std::popcount(character) % 2 == 0 ? 1U : 0U);
  }
  return out;
}

std::optional<Characters> unpack(ByteView fascn) {
  Characters characters{};
  std::size_t bit = 0;
  for (std::uint8_t& character : characters) {
    unsigned ones = 0;
    for (std::size_t i = 0; i < kBitsPerCharacter; ++i, ++bit) {
      const unsigned value = (fascn[bit / 8] >> (7 - bit % 8)) & 1U;
      ones += value;
      if (i < kDataBits) {
        character = static_cast<std::uint8_t>(character | (value << i));
      }
    }
    if (ones % 2 == 0) {
      return std::nullopt;
    }
  }
  return characters;
}

std::optional<std::string> numberFrom(const std::array<std::uint8_t, kPlaces>& places) {
  std::string number;
  for (std::size_t i = 0; i < kLetters; ++i) {
    const int index = places[2 * i] * 10 + places[2 * i + 1];
    if (index < 1 || index > 26) {
      return std::nullopt;
    }
    number.push_back(static_cast<char>('A' + index - 1));
  }
  for (std::size_t i = 2 * kLetters; i < kPlaces; ++i) {
    number.push_back(static_cast<char>('0' + places[i]));
  }
  return number;
}

}  // namespace

bool isCardNumber(std::string_view text) {
  const auto isLetter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == kNumberSize &&
         std::all_of(text.begin(), text.begin() + kLetters, isLetter) &&
         std::all_of(text.begin() + kLetters, text.end(), isDigit);
}

Fascn encodeFascn(std::string_view cardNumber) {
  const auto places =
      isCardNumber(cardNumber) ? placesOf(cardNumber) : std::array<std::uint8_t, kPlaces>{};
  Characters characters{};
  for (std::size_t i = 0; i + 1 < kCharacters; ++i) {
    const char symbol = kLayout[i];
    characters[i] = isPlace(symbol) ? places[static_cast<std::size_t>(symbol - kFirstPlace)]
                                    : fixedValue(symbol);
  }
  characters[kCharacters - 1] = checkCharacter(characters);
  return pack(characters);
}

std::optional<std::string> cardNumberOf(ByteView fascn) {
  if (fascn.size() != kFascnSize) {
    return std::nullopt;
  }
  const auto characters = unpack(fascn);
  if (!characters || characters->back() != checkCharacter(*characters)) {
    return std::nullopt;
  }
  std::array<std::uint8_t, kPlaces> places{};
  for (std::size_t i = 0; i + 1 < kCharacters; ++i) {
    const std::uint8_t value = (*characters)[i];
    if (!isPlace(kLayout[i])) {
      if (value != fixedValue(kLayout[i])) {
        return std::nullopt;
      }
    } else if (value > 9) {
      return std::nullopt;
    } else {
      places[static_cast<std::size_t>(kLayout[i] - kFirstPlace)] = value;
    }
  }
  return numberFrom(places);
}

}  // namespace fncard::card::piv
