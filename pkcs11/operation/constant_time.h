// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// Choices without branches: every condition is a mask of all ones or all zeros.
namespace fncard::pkcs11::constant_time {

using Mask = std::size_t;

/// Hides a value from the optimiser, which else turns masks back into branches.
inline Mask opaque(Mask value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

inline Mask spreadTopBit(Mask value) {
  return opaque(Mask{0} - (opaque(value) >> (sizeof(Mask) * 8 - 1)));
}
inline Mask isZero(Mask value) {
  return spreadTopBit(~value & (value - 1));
}
inline Mask isEqual(Mask left, Mask right) {
  return isZero(left ^ right);
}
/// left < right, for values of any size.
inline Mask isLess(Mask left, Mask right) {
  return spreadTopBit(left ^ ((left ^ right) | ((left - right) ^ left)));
}
inline Mask select(Mask mask, Mask yes, Mask no) {
  return (mask & yes) | (~mask & no);
}
inline std::uint8_t selectByte(Mask mask, std::uint8_t yes, std::uint8_t no) {
  return static_cast<std::uint8_t>(select(mask, yes, no));
}

}  // namespace fncard::pkcs11::constant_time
