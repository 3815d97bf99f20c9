// SPDX-License-Identifier: Apache-2.0
#include "card/certificate_key.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include "card/signature_input.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

TEST(CertificateKey, NamesTheKeyOfACertificate) {
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP384}) {
    const auto key = testing::generateKey(algorithm);
    const auto named = keyAlgorithmOfCertificate(testing::makeCertificate(key.get(), "A"));
    ASSERT_TRUE(named.has_value());
    EXPECT_EQ(*named, algorithm);
  }
}

TEST(CertificateKey, OtherKeysAndOtherBytesAreRefused) {
  const testing::Key other(EVP_EC_gen("P-521"));
  EXPECT_EQ(keyAlgorithmOfCertificate(testing::makeCertificate(other.get(), "A")).error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(keyAlgorithmOfCertificate(Bytes{0x30, 0x82, 0xFF, 0xFF}).error().code,
            ErrorCode::Malformed);
  EXPECT_EQ(keyAlgorithmOfCertificate({}).error().code, ErrorCode::Malformed);
}

TEST(SignatureInput, IsTheWholeBlockForRsaAndTheDigestForEc) {
  const Bytes digest = sha256({});
  EXPECT_EQ(wire::toHex(digest),
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
  EXPECT_EQ(sha256SignatureInput(KeyAlgorithm::EcP384, digest), digest);
  const Bytes block = sha256SignatureInput(KeyAlgorithm::Rsa2048, digest);
  ASSERT_EQ(block.size(), 256U);
  EXPECT_EQ(wire::toHex(ByteView(block).first(3)), "0001FF");
  EXPECT_EQ(block[256 - 32 - 19 - 1], 0x00);
  EXPECT_EQ(block[256 - 32 - 19 - 2], 0xFF);
}

}  // namespace
}  // namespace fncard::card
