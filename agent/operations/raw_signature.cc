// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/raw_signature.h"

#include <openssl/ecdsa.h>

#include <memory>

namespace fncard::agent::operations {

card::Result<Bytes> rawEcdsaSignature(ByteView der, std::size_t coordinateSize) {
  const std::uint8_t* next = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(
      d2i_ECDSA_SIG(nullptr, &next, static_cast<long>(der.size())), &ECDSA_SIG_free);
  const int size = static_cast<int>(coordinateSize);
  Bytes raw(2 * coordinateSize);
  if (!parts || next != der.data() + der.size() ||
      BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), raw.data(), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), raw.data() + size, size) != size) {
    return card::failed(card::ErrorCode::Malformed, "no ECDSA signature of this curve");
  }
  return raw;
}

}  // namespace fncard::agent::operations
