// SPDX-License-Identifier: Apache-2.0
#include "card/piv/certificate_object.h"

#include <zlib.h>

#include "card/piv/administration.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint32_t kCertificateTag = 0x70;
constexpr std::uint32_t kInfoTag = 0x71;
constexpr std::uint32_t kErrorDetectionTag = 0xFE;
constexpr std::uint8_t kGzipFlag = 0x01;
constexpr int kGzipOrZlib = 32 + MAX_WBITS;

Result<Bytes> decompress(ByteView compressed) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK) {
    return failed(ErrorCode::Internal, "inflateInit2");
  }
  Bytes der(kMaxCertificate);
  stream.next_in = const_cast<Bytef*>(compressed.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = der.data();
  stream.avail_out = static_cast<uInt>(der.size());
  const int code = inflate(&stream, Z_FINISH);
  const std::size_t size = der.size() - stream.avail_out;
  const bool whole = code == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) {
    return failed(ErrorCode::Malformed, "compressed certificate is not one stream under 16 KiB");
  }
  der.resize(size);
  return der;
}

}  // namespace

Result<Bytes> parseCertificateObject(ByteView content) {
  if (content.empty()) {
    return failed(ErrorCode::ObjectNotFound, "empty certificate object");
  }
  const auto certificate = wire::findTlv(content, kCertificateTag);
  if (!certificate) {
    return failed(ErrorCode::Malformed, "certificate object without tag 70");
  }
  if (certificate->empty()) {
    return failed(ErrorCode::ObjectNotFound, "certificate object without a certificate");
  }
  const auto info = wire::findTlv(content, kInfoTag);
  if (info && !info->empty() && (info->front() & kGzipFlag) != 0) {
    return decompress(*certificate);
  }
  if (certificate->size() > kMaxCertificate) {
    return failed(ErrorCode::Malformed, "certificate over 16 KiB");
  }
  return Bytes(certificate->begin(), certificate->end());
}

Bytes encodeCertificateObject(ByteView der) {
  Bytes content;
  wire::appendTlv(content, kCertificateTag, der);
  const std::uint8_t uncompressed = 0;
  wire::appendTlv(content, kInfoTag, {&uncompressed, 1});
  wire::appendTlv(content, kErrorDetectionTag, {});
  return content;
}

}  // namespace fncard::card::piv
