// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/ecdsa.h"

#include <algorithm>

#include "card/wire/tlv.h"

namespace fncard::pkcs11::ecdsa {

namespace {

constexpr std::uint32_t kSequence = 0x30;
constexpr std::uint32_t kInteger = 0x02;

/// Writes a positive DER integer right-aligned into target; false when it is none or too long.
bool readInteger(wire::TlvReader& reader, std::span<std::uint8_t> target) {
  const auto integer = reader.next();
  if (!integer || integer->tag != kInteger || integer->value.empty() ||
      (integer->value[0] & 0x80U) != 0) {
    return false;
  }
  ByteView digits = integer->value;
  while (!digits.empty() && digits.front() == 0) {
    digits = digits.subspan(1);
  }
  if (digits.size() > target.size()) {
    return false;
  }
  std::ranges::copy(digits, target.end() - static_cast<std::ptrdiff_t>(digits.size()));
  return true;
}

void appendInteger(Bytes& out, ByteView digits) {
  while (digits.size() > 1 && digits.front() == 0) {
    digits = digits.subspan(1);
  }
  Bytes value(digits.begin(), digits.end());
  if ((value.front() & 0x80U) != 0) {
    value.insert(value.begin(), 0x00);
  }
  wire::appendTlv(out, kInteger, value);
}

}  // namespace

Result<Bytes> rawFromDer(ByteView der, std::size_t coordinateSize) {
  Bytes raw(2 * coordinateSize, 0x00);
  const std::span<std::uint8_t> both(raw);
  wire::TlvReader outer(der);
  const auto sequence = outer.next();
  bool good = sequence && sequence->tag == kSequence && outer.atEnd();
  if (good) {
    wire::TlvReader inner(sequence->value);
    good = readInteger(inner, both.first(coordinateSize)) &&
           readInteger(inner, both.last(coordinateSize)) && inner.atEnd();
  }
  if (!good) {
    return refuse(CKR_DEVICE_ERROR, "the card's signature is not an ECDSA-Sig-Value");
  }
  return raw;
}

Bytes derFromRaw(ByteView raw) {
  Bytes integers;
  appendInteger(integers, raw.first(raw.size() / 2));
  appendInteger(integers, raw.last(raw.size() / 2));
  return wire::encodeTlv(kSequence, integers);
}

ByteView truncated(ByteView digest, std::size_t coordinateSize) {
  return digest.first(std::min(digest.size(), coordinateSize));
}

}  // namespace fncard::pkcs11::ecdsa
