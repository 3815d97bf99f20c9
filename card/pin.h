// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "card/error.h"
#include "card/wire/bytes.h"

namespace fncard::card {

/// Overwrites bytes that held a secret, in a way the compiler does not take out.
void wipe(std::span<std::uint8_t> bytes);

/// Gives locked memory back, in the process that took it.
struct FreeSecret {
  pid_t owner = 0;
  void operator()(std::uint8_t* bytes) const;
};

/// Bytes in locked memory (libsodium), wiped when they go. Moved, never copied by accident. A child
/// of a fork finds zeros: it would have them for good, and unlocked.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// All zero. Throws std::bad_alloc when the memory cannot be had.
  explicit SecretBytes(std::size_t size);
  /// Takes the bytes over and wipes the source.
  static SecretBytes take(std::span<std::uint8_t> source);
  static SecretBytes take(std::span<char> source);

  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  [[nodiscard]] SecretBytes clone() const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<std::uint8_t> bytes() { return {data_.get(), size_}; }
  [[nodiscard]] ByteView bytes() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t, FreeSecret> data_;
  std::size_t size_ = 0;
};

/// A PIN of the card: 6 to 8 digits (SP 800-73-4 part 2 §2.4.3), in locked memory.
class Pin {
 public:
  static constexpr std::size_t kMinDigits = 6;
  static constexpr std::size_t kMaxDigits = 8;

  /// Takes the text over and wipes the source, also when it is refused (PinFormat).
  static Result<Pin> take(std::span<char> text);
  [[nodiscard]] Pin clone() const;

  /// Eight bytes, padded with FF.
  [[nodiscard]] ByteView padded() const { return padded_.bytes(); }

  friend bool operator==(const Pin& left, const Pin& right);  ///< in constant time

 private:
  explicit Pin(SecretBytes padded) : padded_(std::move(padded)) {}
  SecretBytes padded_;
};

/// What fills a PIN up to eight bytes (SP 800-73-4 part 2, 2.4.3).
constexpr std::uint8_t kPinPadding = 0xFF;

/// The PIN unblocking key: exactly eight bytes of any value.
class Puk {
 public:
  static constexpr std::size_t kSize = 8;

  /// Takes the bytes over and wipes the source, also when they are refused (PinFormat).
  static Result<Puk> take(std::span<std::uint8_t> bytes);
  [[nodiscard]] ByteView bytes() const { return bytes_.bytes(); }

 private:
  explicit Puk(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

/// Why a new PIN that has the right form is too weak: all the same digit, a run such as 123456, or
/// the birth date.
enum class PinWeakness { None, SameDigits, Run, BirthDate };
/// birthDate is "YYYY-MM-DD" or empty when it is not known.
PinWeakness weaknessOf(const Pin& pin, std::string_view birthDate = {});

/// The stable code of the sentence for people: "card.pin-same-digits", …; empty for None.
std::string_view messageCode(PinWeakness weakness);

}  // namespace fncard::card
