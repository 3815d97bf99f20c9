// SPDX-License-Identifier: Apache-2.0
#include "card/wire/apdu.h"

namespace fncard::wire {
namespace {

constexpr std::size_t kHeaderSize = 4;

void appendTwoBytes(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t twoBytes(ByteView bytes, std::size_t at) {
  return (static_cast<std::size_t>(bytes[at]) << 8U) | bytes[at + 1];
}

/// Le as written: zero means the maximum of its form.
std::size_t expectedLength(std::size_t written, std::size_t maximum) {
  return written == 0 ? maximum : written;
}

}  // namespace

Bytes CommandApdu::encode(bool extended) const {
  extended = extended || !fitsShort();
  Bytes out{cla, ins, p1, p2};
  out.reserve(kHeaderSize + data.size() + 5);
  if (extended) {
    if (!data.empty() || le > 0) {
      out.push_back(0);
    }
    if (!data.empty()) {
      appendTwoBytes(out, data.size());
      out.insert(out.end(), data.begin(), data.end());
    }
    if (le > 0) {
      appendTwoBytes(out, le);  // 65,536 becomes 0000
    }
    return out;
  }
  if (!data.empty()) {
    out.push_back(static_cast<std::uint8_t>(data.size()));
    out.insert(out.end(), data.begin(), data.end());
  }
  if (le > 0) {
    out.push_back(static_cast<std::uint8_t>(le));  // 256 becomes 00
  }
  return out;
}

tl::expected<CommandApdu, FormatError> CommandApdu::parse(ByteView bytes, bool* extended) {
  if (extended != nullptr) {
    *extended = false;
  }
  if (bytes.size() < kHeaderSize) {
    return tl::unexpected(FormatError::Truncated);
  }
  CommandApdu apdu{.cla = bytes[0], .ins = bytes[1], .p1 = bytes[2], .p2 = bytes[3]};
  const ByteView body = bytes.subspan(kHeaderSize);
  if (body.empty()) {  // case 1
    return apdu;
  }
  if (body.size() == 1) {  // case 2, short
    apdu.le = expectedLength(body[0], kMaxShortResponse);
    return apdu;
  }
  if (body[0] != 0) {  // cases 3 and 4, short
    const std::size_t lc = body[0];
    if (body.size() != lc + 1 && body.size() != lc + 2) {
      return tl::unexpected(FormatError::NotAnApdu);
    }
    apdu.data.assign(body.begin() + 1, body.begin() + 1 + static_cast<std::ptrdiff_t>(lc));
    if (body.size() == lc + 2) {
      apdu.le = expectedLength(body[lc + 1], kMaxShortResponse);
    }
    return apdu;
  }
  if (extended != nullptr) {
    *extended = true;
  }
  if (body.size() < 3) {
    return tl::unexpected(FormatError::NotAnApdu);
  }
  if (body.size() == 3) {  // case 2, extended
    apdu.le = expectedLength(twoBytes(body, 1), kMaxExtendedResponse);
    return apdu;
  }
  const std::size_t lc = twoBytes(body, 1);  // cases 3 and 4, extended
  if (lc == 0 || (body.size() != lc + 3 && body.size() != lc + 5)) {
    return tl::unexpected(FormatError::NotAnApdu);
  }
  apdu.data.assign(body.begin() + 3, body.begin() + 3 + static_cast<std::ptrdiff_t>(lc));
  if (body.size() == lc + 5) {
    apdu.le = expectedLength(twoBytes(body, lc + 3), kMaxExtendedResponse);
  }
  return apdu;
}

Bytes ResponseApdu::encode() const {
  Bytes out = data;
  appendTwoBytes(out, status.value());
  return out;
}

tl::expected<ResponseApdu, FormatError> ResponseApdu::parse(ByteView bytes) {
  if (bytes.size() < 2) {
    return tl::unexpected(FormatError::Truncated);
  }
  if (bytes.size() > kMaxExtendedResponse + 2) {
    return tl::unexpected(FormatError::TooLarge);
  }
  const std::size_t size = bytes.size() - 2;
  return ResponseApdu{
      .data = Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)),
      .status = StatusWord(static_cast<std::uint16_t>(twoBytes(bytes, size)))};
}

}  // namespace fncard::wire
