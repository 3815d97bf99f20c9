// SPDX-License-Identifier: Apache-2.0
#include "card/piv/administration.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "card/signature_input.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card::piv {
namespace {

using card::testing::FunctionReaders;
using card::testing::Key;
using card::testing::makePin;
using card::testing::MemoryCard;

class AdministrationTest : public ::testing::Test {
 protected:
  AdministrationTest() : readers_([this](ByteView command) { return blank_.process(command); }) {}

  std::unique_ptr<Administration> begin() {
    return std::move(*beginAdministration(readers_, "Test Reader 00 00"));
  }

  [[nodiscard]] SecretBytes currentKey() const {
    Bytes key = blank_.managementKey;
    return SecretBytes::take(key);
  }

  MemoryCard blank_;
  FunctionReaders readers_;
};

TEST_F(AdministrationTest, ABlankCardHasNoIdentityYet) {
  EXPECT_EQ(begin()->application().identity(), CardIdentity{});
}

TEST_F(AdministrationTest, AuthenticatesWithEachCipherAndMovesOnToTheNext) {
  const auto administration = begin();
  ManagementAlgorithm current = ManagementAlgorithm::TripleDes;
  for (const auto& [algorithm, size] :
       {std::pair{ManagementAlgorithm::Aes128, 16}, std::pair{ManagementAlgorithm::Aes192, 24},
        std::pair{ManagementAlgorithm::Aes256, 32},
        std::pair{ManagementAlgorithm::TripleDes, 24}}) {
    ASSERT_TRUE(administration->authenticate(current, currentKey()).has_value());
    Bytes key(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = static_cast<std::uint8_t>(i * 7 + 1);
    }
    ASSERT_TRUE(administration->setManagementKey(algorithm, SecretBytes::take(key)).has_value());
    current = algorithm;
  }
  EXPECT_TRUE(administration->authenticate(current, currentKey()).has_value());
}

TEST_F(AdministrationTest, AWrongKeyIsRefusedByTheCard) {
  Bytes wrong(24, 9);
  EXPECT_EQ(
      begin()->authenticate(ManagementAlgorithm::TripleDes, SecretBytes::take(wrong)).error().code,
      ErrorCode::NotLoggedIn);
}

TEST_F(AdministrationTest, ACardThatDoesNotHoldTheKeyIsNotBelieved) {
  FunctionReaders impostor([this](ByteView command) {
    auto answer = blank_.process(command);
    if (!answer.data.empty() && answer.data[0] == 0x7C && answer.data[2] == 0x82) {
      answer.data.back() ^= 1U;
    }
    return answer;
  });
  const auto administration = beginAdministration(impostor, "Test Reader 00 00");
  EXPECT_EQ(
      (*administration)->authenticate(ManagementAlgorithm::TripleDes, currentKey()).error().code,
      ErrorCode::Malformed);
}

TEST_F(AdministrationTest, GeneratesKeysWhosePublicKeyVerifiesWhatTheySign) {
  const auto administration = begin();
  ASSERT_TRUE(
      administration->authenticate(ManagementAlgorithm::TripleDes, currentKey()).has_value());
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP384}) {
    const auto spki = administration->generateKey(KeyRole::CardAuthentication, algorithm);
    ASSERT_TRUE(spki.has_value()) << spki.error().detail;
    const std::uint8_t* at = spki->data();
    const Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki->size())));
    ASSERT_NE(key, nullptr);
    const Bytes message{'j', 'o', 'b'};
    const auto signature = administration->application().sign(
        KeyRole::CardAuthentication, algorithm, sha256SignatureInput(algorithm, sha256(message)));
    ASSERT_TRUE(signature.has_value());
    EXPECT_TRUE(card::testing::verifySha256(key.get(), message, *signature));
  }
}

TEST_F(AdministrationTest, ObjectsAreReadBackAndMakeTheCardKnown) {
  CardIdentity identity{.cardNumber = "AB12345678901234", .expiry = "2031-11-30"};
  identity.guid.fill(9);
  {
    const auto administration = begin();
    EXPECT_EQ(administration->writeObject(Object::Chuid, encodeChuid(identity)).error().code,
              ErrorCode::NotLoggedIn);
    ASSERT_TRUE(
        administration->authenticate(ManagementAlgorithm::TripleDes, currentKey()).has_value());
    ASSERT_TRUE(administration->writeObject(Object::Chuid, encodeChuid(identity)).has_value());
    const Bytes large(1'700, 0x30);
    ASSERT_TRUE(
        administration->writeObject(Object::SignatureCertificate, encodeCertificateObject(large))
            .has_value());
    EXPECT_EQ(*administration->application().readCertificate(KeyRole::Signature), large);
    EXPECT_EQ(administration->readObject(Object::Ccc).error().code, ErrorCode::ObjectNotFound);
  }
  EXPECT_EQ((*openAnyCard(readers_))->identity(), identity);
}

TEST_F(AdministrationTest, APinOfTheBlankCardCanBeReplaced) {
  const auto administration = begin();
  EXPECT_TRUE(
      administration->application().changePin(makePin("123456"), makePin("80246135")).has_value());
  EXPECT_EQ(blank_.pin, card::testing::padded("80246135"));
}

}  // namespace
}  // namespace fncard::card::piv
