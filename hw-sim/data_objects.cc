// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/data_objects.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <string>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

constexpr std::uint32_t kErrorDetectionCode = 0xFE;

/// RFC 1952: one member, without name and time.
Bytes gzip(ByteView plain) {
  constexpr int kGzipFormat = 16;
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipFormat, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  Bytes out(::deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(plain.data());  // zlib only reads there
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const bool complete = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(complete ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return out;
}

std::string sha256Hex(ByteView bytes) {
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  digest.resize(size);
  return wire::toHex(digest);
}

}  // namespace

Bytes certificateObject(ByteView der, bool compressed) {
  const Bytes packed = compressed ? gzip(der) : Bytes();
  if (compressed && packed.empty()) {
    return {};
  }
  const std::array<std::uint8_t, 1> information = {static_cast<std::uint8_t>(compressed ? 1 : 0)};
  Bytes out;
  wire::appendTlv(out, 0x70, compressed ? ByteView(packed) : der);
  wire::appendTlv(out, 0x71, information);
  wire::appendTlv(out, kErrorDetectionCode, {});
  return out;
}

Bytes discoveryObject() {
  constexpr std::array<std::uint8_t, 2> kPinUsagePolicy = {0x40, 0x00};
  Bytes inner;
  wire::appendTlv(inner, 0x4F, piv::kApplicationId);
  wire::appendTlv(inner, 0x5F2F, kPinUsagePolicy);
  return wire::encodeTlv(0x7E, inner);
}

Bytes keyHistoryObject(unsigned onCard, unsigned offCard, std::string_view baseUrl, ByteView file) {
  const std::array<std::uint8_t, 1> with = {static_cast<std::uint8_t>(onCard)};
  const std::array<std::uint8_t, 1> without = {static_cast<std::uint8_t>(offCard)};
  Bytes out;
  wire::appendTlv(out, 0xC1, with);
  wire::appendTlv(out, 0xC2, without);
  if (offCard > 0) {
    const std::string url = std::string(baseUrl) + "/" + sha256Hex(file);
    wire::appendTlv(out, 0xF3, Bytes(url.begin(), url.end()));
  }
  wire::appendTlv(out, kErrorDetectionCode, {});
  return out;
}

Bytes keyHistoryEntry(std::uint8_t reference, ByteView certificate) {
  const std::array<std::uint8_t, 1> octet = {reference};
  Bytes inner;
  wire::appendTlv(inner, 0x04, octet);
  inner.insert(inner.end(), certificate.begin(), certificate.end());
  return wire::encodeTlv(0x30, inner);
}

}  // namespace fncard::hw_sim
