// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/trust/openssl_authority.h"
#include "trust/certificate.h"

namespace fncard::trust {
namespace {

using testing::OpenSslAuthority;

const Bytes kData = {'s', 'i', 'g', 'n', ' ', 'm', 'e'};

TEST(Signature, OfAnotherProgramIsRightForItsKeyAndDataAlone) {
  const OpenSslAuthority authority;
  authority.write("data", kData);
  for (const char* const algorithm :
       {"RSA -pkeyopt rsa_keygen_bits:2048", "EC -pkeyopt ec_paramgen_curve:P-256",
        "EC -pkeyopt ec_paramgen_curve:P-384"}) {
    authority.makeKeyPair("key", algorithm);
    authority.run("openssl pkey -in key.key -pubout -outform DER -out key.pub");
    authority.run("openssl dgst -sha256 -sign key.key -out signature data");
    const Bytes key = authority.read("key.pub");
    const Bytes signature = authority.read("signature");
    EXPECT_TRUE(verifySignature(key, kData, signature)) << algorithm;
    Bytes otherData = kData;
    otherData[0] ^= 1U;
    const auto changed = verifySignature(key, otherData, signature);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, ErrorCode::SignatureWrong);
    Bytes otherSignature = signature;
    otherSignature.back() ^= 1U;
    EXPECT_FALSE(verifySignature(key, kData, otherSignature));
    EXPECT_FALSE(verifySignature(key, kData, {}));
    otherSignature = signature;
    otherSignature.push_back(0);
    EXPECT_FALSE(verifySignature(key, kData, otherSignature));
  }
}

TEST(Signature, UnderAKeyThatIsNoneIsRefused) {
  EXPECT_EQ(verifySignature({}, kData, {1}).error().code, ErrorCode::UnsupportedAlgorithm);
  EXPECT_EQ(verifySignature(Bytes(5000, 0), kData, {1}).error().code, ErrorCode::Malformed);
}

TEST(Sha256, IsTheStandards) {
  EXPECT_EQ(sha256({'a', 'b', 'c'}),
            (Bytes{0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40,
                   0xDE, 0x5D, 0xAE, 0x22, 0x23, 0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17,
                   0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD}));
}

}  // namespace
}  // namespace fncard::trust
