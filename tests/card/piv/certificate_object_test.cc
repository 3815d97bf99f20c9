// SPDX-License-Identifier: Apache-2.0
#include "card/piv/certificate_object.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "card/piv/administration.h"

namespace fncard::card::piv {
namespace {

Bytes gzip(const Bytes& plain) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes object(const Bytes& certificate, std::uint8_t info) {
  Bytes content = wire::encodeTlv(0x70, certificate);
  wire::appendTlv(content, 0x71, {&info, 1});
  wire::appendTlv(content, 0xFE, {});
  return content;
}

TEST(CertificateObject, IsReadBack) {
  const Bytes der(1600, 0x30);
  EXPECT_EQ(*parseCertificateObject(encodeCertificateObject(der)), der);
}

TEST(CertificateObject, IsDecompressedWhereTheFlagSaysGzip) {
  const Bytes der(1600, 0x30);
  EXPECT_EQ(*parseCertificateObject(object(gzip(der), 1)), der);
}

TEST(CertificateObject, ADecompressionBombStopsAt16KiB) {
  EXPECT_TRUE(parseCertificateObject(object(gzip(Bytes(kMaxCertificate)), 1)).has_value());
  EXPECT_EQ(parseCertificateObject(object(gzip(Bytes(kMaxCertificate + 1)), 1)).error().code,
            ErrorCode::Malformed);
  EXPECT_EQ(parseCertificateObject(object(gzip(Bytes(20'000'000)), 1)).error().code,
            ErrorCode::Malformed);
}

TEST(CertificateObject, BrokenCompressionIsMalformed) {
  Bytes compressed = gzip(Bytes(1600, 0x30));
  EXPECT_EQ(parseCertificateObject(object(Bytes(40, 0x30), 1)).error().code, ErrorCode::Malformed);
  compressed.resize(compressed.size() / 2);
  EXPECT_EQ(parseCertificateObject(object(compressed, 1)).error().code, ErrorCode::Malformed);
}

TEST(CertificateObject, EmptyMeansNotThereAndTooLargeIsMalformed) {
  EXPECT_EQ(parseCertificateObject({}).error().code, ErrorCode::ObjectNotFound);
  EXPECT_EQ(parseCertificateObject(object({}, 0)).error().code, ErrorCode::ObjectNotFound);
  EXPECT_EQ(parseCertificateObject(object(Bytes(kMaxCertificate + 1), 0)).error().code,
            ErrorCode::Malformed);
  EXPECT_EQ(parseCertificateObject(Bytes{0x71, 0x01, 0x00}).error().code, ErrorCode::Malformed);
  EXPECT_EQ(parseCertificateObject(Bytes{0x70, 0x82, 0x10, 0x00, 0x30}).error().code,
            ErrorCode::Malformed);
}

}  // namespace
}  // namespace fncard::card::piv
