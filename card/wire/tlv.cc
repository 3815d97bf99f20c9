// SPDX-License-Identifier: Apache-2.0
#include "card/wire/tlv.h"

#include <cassert>

namespace fncard::wire {
namespace {

constexpr std::size_t kMaxTagBytes = 3;
constexpr std::size_t kMaxLengthBytes = 3;
constexpr std::size_t kMaxValueSize = 0xFFFF;

}  // namespace

tl::expected<Tlv, FormatError> TlvReader::next() {
  std::size_t at = 0;
  const auto take = [&]() -> std::optional<std::uint8_t> {
    return at < rest_.size() ? std::optional(rest_[at++]) : std::nullopt;
  };

  auto byte = take();
  if (!byte) {
    return tl::unexpected(FormatError::Truncated);
  }
  std::uint32_t tag = *byte;
  if ((*byte & 0x1FU) == 0x1FU) {  // further tag bytes follow, each but the last with bit 8 set
    do {
      if (at == kMaxTagBytes) {
        return tl::unexpected(FormatError::TagTooLong);
      }
      byte = take();
      if (!byte) {
        return tl::unexpected(FormatError::Truncated);
      }
      tag = (tag << 8U) | *byte;
    } while ((*byte & 0x80U) != 0);
  }

  byte = take();
  if (!byte) {
    return tl::unexpected(FormatError::Truncated);
  }
  std::size_t length = *byte;
  if ((*byte & 0x80U) != 0) {
    const std::size_t lengthBytes = *byte & 0x7FU;
    if (lengthBytes == 0 || lengthBytes > kMaxLengthBytes) {
      return tl::unexpected(FormatError::LengthTooLong);
    }
    length = 0;
    for (std::size_t i = 0; i < lengthBytes; ++i) {
      byte = take();
      if (!byte) {
        return tl::unexpected(FormatError::Truncated);
      }
      length = (length << 8U) | *byte;
    }
  }
  if (length > rest_.size() - at) {
    return tl::unexpected(FormatError::Truncated);
  }
  const Tlv tlv{.tag = tag, .value = rest_.subspan(at, length)};
  rest_ = rest_.subspan(at + length);
  return tlv;
}

std::optional<ByteView> findTlv(ByteView bytes, std::uint32_t tag) {
  TlvReader reader(bytes);
  while (!reader.atEnd()) {
    const auto tlv = reader.next();
    if (!tlv) {
      return std::nullopt;
    }
    if (tlv->tag == tag) {
      return tlv->value;
    }
  }
  return std::nullopt;
}

void appendTlv(Bytes& out, std::uint32_t tag, ByteView value) {
  assert(tag <= 0xFFFFFFU && value.size() <= kMaxValueSize);
  for (const unsigned shift : {16U, 8U}) {
    if ((tag >> shift) != 0) {
      out.push_back(static_cast<std::uint8_t>(tag >> shift));
    }
  }
  out.push_back(static_cast<std::uint8_t>(tag));
  const std::size_t size = value.size();
  if (size > 0xFF) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(size >> 8U));
  } else if (size > 0x7F) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(size));
  out.insert(out.end(), value.begin(), value.end());
}

Bytes encodeTlv(std::uint32_t tag, ByteView value) {
  Bytes out;
  appendTlv(out, tag, value);
  return out;
}

}  // namespace fncard::wire
