// SPDX-License-Identifier: Apache-2.0
#include "card/pin.h"

#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

namespace fncard::card {
namespace {

constexpr std::size_t kPaddedSize = 8;

bool sodiumReady() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

/// What sodium_malloc() gave ends with its page, and nobody else's bytes are in its pages. A kernel
/// from before 4.14 does not know how; the bytes are then as any others.
void keepFromChildren(std::uint8_t* bytes, std::size_t size) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto inPage = reinterpret_cast<std::uintptr_t>(bytes) % page;
  madvise(bytes - inPage, inPage + size, MADV_WIPEONFORK);
}

std::span<std::uint8_t> asBytes(std::span<char> text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) {
    sodium_memzero(bytes.data(), bytes.size());
  }
}

void FreeSecret::operator()(std::uint8_t* bytes) const {
  if (owner == getpid()) {
    sodium_free(bytes);
  }  // in a child the mark that sodium_free() looks for was wiped too, and it would end the process
}

SecretBytes::SecretBytes(std::size_t size) {
  if (size == 0) {
    return;
  }
  if (sodiumReady()) {
    data_ = {static_cast<std::uint8_t*>(sodium_malloc(size)), FreeSecret{.owner = getpid()}};
  }
  if (!data_) {
    throw std::bad_alloc();
  }
  keepFromChildren(data_.get(), size);
  size_ = size;
  std::fill_n(data_.get(), size, std::uint8_t{0});
}

SecretBytes SecretBytes::take(std::span<std::uint8_t> source) {
  struct Wiper {
    std::span<std::uint8_t> bytes;
    ~Wiper() { wipe(bytes); }
  } const wiper{source};
  SecretBytes secret(source.size());
  std::copy(source.begin(), source.end(), secret.bytes().begin());
  return secret;
}

SecretBytes SecretBytes::take(std::span<char> source) {
  return take(asBytes(source));
}

SecretBytes SecretBytes::clone() const {
  SecretBytes copy(size_);
  std::copy_n(data_.get(), size_, copy.data_.get());
  return copy;
}

Result<Pin> Pin::take(std::span<char> text) {
  const bool wellFormed = text.size() >= kMinDigits && text.size() <= kMaxDigits &&
                          std::all_of(text.begin(), text.end(),
                                      [](char digit) { return digit >= '0' && digit <= '9'; });
  if (!wellFormed) {
    wipe(asBytes(text));
    return failed(ErrorCode::PinFormat, "a PIN is 6 to 8 digits");
  }
  try {
    SecretBytes padded(kPaddedSize);
    std::fill(padded.bytes().begin(), padded.bytes().end(), kPinPadding);
    std::copy(text.begin(), text.end(), padded.bytes().begin());
    wipe(asBytes(text));
    return Pin(std::move(padded));
  } catch (const std::bad_alloc&) {
    wipe(asBytes(text));
    return failed(ErrorCode::Internal, "no locked memory");
  }
}

Pin Pin::clone() const {
  return Pin(padded_.clone());
}

bool operator==(const Pin& left, const Pin& right) {
  const ByteView a = left.padded();
  const ByteView b = right.padded();
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

Result<Puk> Puk::take(std::span<std::uint8_t> bytes) {
  if (bytes.size() != kSize) {
    wipe(bytes);
    return failed(ErrorCode::PinFormat, "a PUK is eight bytes");
  }
  try {
    return Puk(SecretBytes::take(bytes));
  } catch (const std::bad_alloc&) {
    return failed(ErrorCode::Internal, "no locked memory");
  }
}

}  // namespace fncard::card
