// SPDX-License-Identifier: Apache-2.0
// The mechanisms' own arithmetic, where the card's answer is what is hostile.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "card/wire/bytes.h"
#include "pkcs11/certificate.h"
#include "pkcs11/operation/constant_time.h"
#include "pkcs11/operation/ecdsa.h"
#include "pkcs11/operation/rsa_oaep.h"
#include "pkcs11/operation/rsa_pkcs1.h"

namespace fncard::pkcs11 {
namespace {

Bytes hex(std::string_view text) {
  return wire::fromHex(text).value();
}

TEST(ConstantTime, masksAreAllOnesOrNone) {
  constexpr auto kAll = ~constant_time::Mask{0};
  EXPECT_EQ(constant_time::isZero(0), kAll);
  EXPECT_EQ(constant_time::isZero(1), 0U);
  EXPECT_EQ(constant_time::isZero(kAll), 0U);
  EXPECT_EQ(constant_time::isLess(1, 2), kAll);
  EXPECT_EQ(constant_time::isLess(2, 2), 0U);
  EXPECT_EQ(constant_time::isLess(kAll, 1), 0U);
  EXPECT_EQ(constant_time::isLess(1, kAll), kAll);
}

TEST(Ecdsa, shortAndPaddedIntegersAreAligned) {
  const auto raw = ecdsa::rawFromDer(hex("3008020101"
                                         "0203"
                                         "00FF01"),
                                     4);
  ASSERT_TRUE(raw);
  EXPECT_EQ(*raw, hex("000000010000FF01"));
  EXPECT_EQ(ecdsa::derFromRaw(*raw), hex("3008020101"
                                         "020300FF01"));
}

TEST(Ecdsa, malformedSignaturesAreRefused) {
  for (const std::string_view bad : {"", "30", "3000", "3003020101",
                                     "3006020101020101"
                                     "00",
                                     "3106020101020101", "3006020181020101",
                                     "300602000202"
                                     "0101",
                                     "300A0205010000000002"
                                     "0101",
                                     "3009020101020101"
                                     "020101",
                                     "3080020101020101", "30060201010201"}) {
    EXPECT_FALSE(ecdsa::rawFromDer(hex(bad), 4)) << bad;
  }
}

/// A block of 64 bytes with this message.
Bytes padded(std::size_t paddingSize) {
  Bytes block(64, 0xAA);
  block[0] = 0;
  block[1] = 2;
  block[2 + paddingSize] = 0;
  return block;
}

TEST(RsaPkcs1, theMessageIsTheEndOfTheBlock) {
  const Bytes ciphertext(64, 1);
  const Bytes key(64, 2);
  for (std::size_t paddingSize = 8; paddingSize < 62; ++paddingSize) {
    const auto message = rsa_pkcs1::message(padded(paddingSize), ciphertext, key);
    ASSERT_TRUE(message);
    const auto view = message->bytes();
    EXPECT_EQ(Bytes(view.begin(), view.end()), Bytes(61 - paddingSize, 0xAA));
  }
}

TEST(RsaPkcs1, badBlocksOfEveryKindAreReplacedAlike) {
  const Bytes ciphertext(64, 1);
  const Bytes key(64, 2);
  std::vector<Bytes> bad;
  for (std::size_t paddingSize = 0; paddingSize < 8; ++paddingSize) {
    bad.push_back(padded(paddingSize));
  }
  bad.push_back(padded(20));
  bad.back()[0] = 1;
  bad.push_back(padded(20));
  bad.back()[1] = 1;
  bad.push_back(Bytes(64, 0xAA));
  bad.back()[0] = 0;
  bad.back()[1] = 2;
  std::set<Bytes> answers;
  for (const Bytes& block : bad) {
    const auto message = rsa_pkcs1::message(block, ciphertext, key);
    ASSERT_TRUE(message);
    const auto view = message->bytes();
    answers.insert(Bytes(view.begin(), view.end()));
  }
  EXPECT_EQ(answers.size(), 1U) << "the answer depends on the ciphertext alone";
}

TEST(RsaPkcs1, replacementsDifferByCiphertextAndKeyAndNeverExceedTheLongest) {
  std::set<Bytes> answers;
  std::set<std::size_t> sizes;
  for (std::uint8_t i = 0; i < 100; ++i) {
    const auto message = rsa_pkcs1::message(Bytes(64, 0xAA), Bytes(64, i), Bytes(64, 2));
    const auto other = rsa_pkcs1::message(Bytes(64, 0xAA), Bytes(64, i), Bytes(64, 3));
    ASSERT_TRUE(message && other);
    for (const auto& each : {message->bytes(), other->bytes()}) {
      EXPECT_LE(each.size(), 53U);
      sizes.insert(each.size());
      answers.insert(Bytes(each.begin(), each.end()));
    }
  }
  EXPECT_GT(sizes.size(), 30U) << "lengths are spread";
  EXPECT_GT(answers.size(), 180U);
}

/// A secret that a fork turns into zeros would let anyone foresee what a child answers.
TEST(RsaPkcs1, replacementsOfAChildCannotBeForeseenEither) {
  const auto replacement = [] {
    const auto message = rsa_pkcs1::message(Bytes(64, 0xAA), Bytes(64, 1), Bytes(64, 2));
    const auto view = message->bytes();
    return Bytes(view.begin(), view.end());
  };
  const Bytes own = replacement();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    _exit(replacement() == own ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(RsaPkcs1, signatureBlocksFollowTheRfc) {
  const auto block = rsa_pkcs1::signatureBlock(Hash::Sha256, Bytes(32, 0x11), 64);
  ASSERT_TRUE(block);
  EXPECT_EQ(*block, hex("0001FFFFFFFFFFFFFFFFFFFF00"
                        "3031300D060960864801650304020105000420"
                        "1111111111111111111111111111111111111111111111111111111111111111"));
  EXPECT_FALSE(rsa_pkcs1::signatureBlock(Hash::Sha512, Bytes(64, 0x11), 64));
}

TEST(RsaOaep, blocksOfTheCardThatAreNotPaddedAreRefused) {
  const rsa_oaep::Parameters parameters{.hash = Hash::Sha256, .mgf = Hash::Sha256};
  for (const std::uint8_t fill : Bytes{0x00, 0x01, 0xFF}) {
    const auto message = rsa_oaep::message(parameters, Bytes(256, fill));
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().rv, CKR_ENCRYPTED_DATA_INVALID);
  }
}

TEST(Certificate, bytesThatAreNoCertificateAreRefused) {
  for (const std::string_view bad : {"", "30", "3000", "308201", "3003020100", "FFFFFFFF"}) {
    const auto read = readCertificate(hex(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().rv, CKR_DEVICE_ERROR);
  }
}

}  // namespace
}  // namespace fncard::pkcs11
