// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "card/wire/bytes.h"

namespace fncard::wire {

/// Why bytes were refused. Nothing that a card or a host sends gets further than this.
enum class FormatError {
  Truncated,      ///< the bytes end inside a tag, a length or a value
  TagTooLong,     ///< more than three bytes of tag
  LengthTooLong,  ///< more than three length bytes, or the indefinite form (not used by PIV)
  TrailingBytes,  ///< bytes after the last value
  NotAnApdu,      ///< the length fields of an APDU do not fit its size
  TooLarge,       ///< over the limit that the caller set
};

/// One data object, BER-TLV as ISO/IEC 7816-4 §5.2.2: the value is a view into the reader's bytes.
struct Tlv {
  std::uint32_t tag = 0;  ///< the tag bytes as one big-endian number: 0x7C, 0x5FC102, …
  ByteView value;
};

/// The one TLV reader of the project. It never reads outside its bytes and never allocates.
class TlvReader {
 public:
  explicit TlvReader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool atEnd() const { return rest_.empty(); }

  /// The next data object. After an error the reader stays where it was.
  tl::expected<Tlv, FormatError> next();

 private:
  ByteView rest_;
};

/// The value of the first data object with this tag at the top level of bytes; nothing when there
/// is none or when the bytes before it are malformed.
std::optional<ByteView> findTlv(ByteView bytes, std::uint32_t tag);

/// Appends tag, shortest length and value. Values up to 65,535 bytes.
void appendTlv(Bytes& out, std::uint32_t tag, ByteView value);

/// A data object on its own.
Bytes encodeTlv(std::uint32_t tag, ByteView value);

}  // namespace fncard::wire
