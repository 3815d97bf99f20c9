// SPDX-License-Identifier: Apache-2.0
#include "card/cache/cache_file.h"

#include <gtest/gtest.h>

#include "card/signature_input.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

CachedCertificates someCard() {
  CachedCertificates contents;
  contents.identity = {.cardNumber = "AB12345678901234", .expiry = "2031-11-30"};
  contents.identity.guid.fill(0x47);
  const auto key = testing::generateKey(KeyAlgorithm::EcP256);
  for (const auto role :
       {KeyRole::Signature, KeyRole::KeyManagement, KeyRole::CardAuthentication}) {
    contents.certificates[role] = testing::makeCertificate(key.get(), "holder");
  }
  return contents;
}

/// With a digest that fits, so that what is before it is looked at.
Bytes sealed(Bytes body) {
  const Bytes digest = sha256(body);
  body.insert(body.end(), digest.begin(), digest.end());
  return body;
}

Bytes bodyOf(const CachedCertificates& contents) {
  Bytes file = encodeCacheFile(contents);
  file.resize(file.size() - 32);
  return file;
}

void expectMalformed(const Bytes& file, const std::string& what) {
  const auto parsed = parseCacheFile(file);
  ASSERT_FALSE(parsed.has_value()) << what;
  EXPECT_EQ(parsed.error().code, ErrorCode::Malformed);
}

TEST(CacheFile, IsReadBackWithAnyNumberOfCertificates) {
  CachedCertificates contents = someCard();
  EXPECT_EQ(*parseCacheFile(encodeCacheFile(contents)), contents);
  contents.certificates.erase(KeyRole::KeyManagement);
  contents.identity.expiry.clear();
  EXPECT_EQ(*parseCacheFile(encodeCacheFile(contents)), contents);
  contents.certificates.clear();
  EXPECT_EQ(*parseCacheFile(encodeCacheFile(contents)), contents);
}

TEST(CacheFile, CutAtAnyLengthIsMalformed) {
  const Bytes whole = encodeCacheFile(someCard());
  const Bytes body = bodyOf(someCard());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expectMalformed(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), "cut");
  }
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto parsed = parseCacheFile(
        sealed(Bytes(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size))));
    if (parsed) {  // between two certificates: a card of which less is known
      EXPECT_LT(parsed->certificates.size(), 3U);
    }
  }
}

TEST(CacheFile, AnyFlippedByteIsMalformed) {
  const Bytes whole = encodeCacheFile(someCard());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes flipped = whole;
    flipped[i] ^= 0x10U;
    expectMalformed(flipped, std::to_string(i));
  }
}

TEST(CacheFile, MembersOutOfTheirBoundsAreMalformedAlsoUnderARightDigest) {
  CachedCertificates contents = someCard();
  for (const auto* number : {"", "ab12345678901234", "AB1234567890123"}) {
    contents.identity.cardNumber = number;
    expectMalformed(encodeCacheFile(contents), number);
  }
  contents = someCard();
  contents.identity.guid.fill(0);
  expectMalformed(encodeCacheFile(contents), "no GUID");
  contents = someCard();
  contents.identity.expiry = "2031/11/30";
  expectMalformed(encodeCacheFile(contents), "expiry");
  for (const Bytes& certificate : {Bytes(), Bytes(100, 0x30), Bytes(kMaxCertificate + 1, 0x30)}) {
    contents = someCard();
    contents.certificates[KeyRole::Signature] = certificate;
    expectMalformed(encodeCacheFile(contents), "certificate");
  }
}

TEST(CacheFile, UnknownRepeatedOrMisplacedMembersAreMalformed) {
  const CachedCertificates contents = someCard();
  for (const std::uint32_t tag : {0x80U, 0x9CU, 0x9EU, 0x77U}) {
    Bytes body = bodyOf(contents);
    wire::appendTlv(body, tag, contents.certificates.at(KeyRole::Signature));
    expectMalformed(sealed(body), std::to_string(tag));
  }
  Bytes body = bodyOf(contents);
  body[7] = 2;
  expectMalformed(sealed(body), "a later version");
  body = bodyOf(contents);
  body.resize(kMaxCacheFile);
  expectMalformed(sealed(body), "too large");
}

}  // namespace
}  // namespace fncard::card
