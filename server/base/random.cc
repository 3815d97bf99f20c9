// SPDX-License-Identifier: Apache-2.0
#include "server/base/random.h"

#include <sodium.h>

#include <cstdint>
#include <stdexcept>

namespace fncard::server {
namespace {

void startGenerator() {
  static const bool started = sodium_init() >= 0;
  if (!started) {
    throw std::runtime_error("libsodium finds no source of randomness");
  }
}

}  // namespace

std::vector<unsigned char> randomBytes(std::size_t size) {
  startGenerator();
  std::vector<unsigned char> bytes(size);
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

unsigned randomBelow(unsigned bound) {
  startGenerator();
  return randombytes_uniform(bound);
}

std::string randomText(std::string_view alphabet, std::size_t size) {
  std::string text(size, '\0');
  for (char& character : text) {
    character = alphabet[randomBelow(static_cast<unsigned>(alphabet.size()))];
  }
  return text;
}

std::string randomDigits(std::size_t size) {
  return randomText("0123456789", size);
}

std::string randomIdentifier() {
  return randomText("abcdefghijklmnopqrstuvwxyz234567", 26);
}

std::string randomCardNumber() {
  return randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2) + randomDigits(14);
}

}  // namespace fncard::server
