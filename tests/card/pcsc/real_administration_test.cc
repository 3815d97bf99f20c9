// SPDX-License-Identifier: Apache-2.0
// What the personalisation station does, on the blank simulated card, which was written without a
// line of this library. Run by scripts/with-card --state blank.
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "card/piv/administration.h"
#include "card/signature_input.h"
#include "tests/card/pcsc/simulator_control.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card::piv {
namespace {

using card::testing::fromEnvironment;

SecretBytes tripleDesOfABlankCard() {
  Bytes key;
  for (int i = 0; i < 24; ++i) {
    key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
  }
  return SecretBytes::take(key);
}

TEST(RealAdministration, MakesABlankCardAKnownOne) {
  const auto service = makePcscService();
  const std::string reader = fromEnvironment("FNCARD_READER");
  EXPECT_EQ(openCard(*service, reader).error().code, ErrorCode::UnknownCard);

  CardIdentity identity{.cardNumber = "AB12345678901234", .expiry = "2031-11-30"};
  identity.guid.fill(0x41);
  {
    const auto begun = beginAdministration(*service, reader);
    ASSERT_TRUE(begun.has_value()) << begun.error().detail;
    Administration& station = **begun;
    ASSERT_TRUE(station.authenticate(ManagementAlgorithm::TripleDes, tripleDesOfABlankCard()));

    Bytes key(32, 0x5C);
    const SecretBytes aes = SecretBytes::take(key);
    const auto set = station.setManagementKey(ManagementAlgorithm::Aes256, aes);
    ASSERT_TRUE(set.has_value()) << set.error().detail;
    const auto again = station.authenticate(ManagementAlgorithm::Aes256, aes);
    ASSERT_TRUE(again.has_value()) << again.error().detail;

    for (const auto algorithm : {KeyAlgorithm::EcP256, KeyAlgorithm::Rsa2048}) {
      const auto spki = station.generateKey(KeyRole::CardAuthentication, algorithm);
      ASSERT_TRUE(spki.has_value()) << spki.error().detail;
      const std::uint8_t* at = spki->data();
      const card::testing::Key publicKey(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki->size())));
      const Bytes message{'p', 'r', 'o', 'o', 'f'};
      const auto signature = station.application().sign(
          KeyRole::CardAuthentication, algorithm, sha256SignatureInput(algorithm, sha256(message)));
      ASSERT_TRUE(signature.has_value()) << signature.error().detail;
      EXPECT_TRUE(card::testing::verifySha256(publicKey.get(), message, *signature));
    }

    const Bytes certificate(1'700, 0x30);
    ASSERT_TRUE(
        station.writeObject(Object::SignatureCertificate, encodeCertificateObject(certificate)));
    EXPECT_EQ(*station.application().readCertificate(KeyRole::Signature), certificate);
    ASSERT_TRUE(station.writeObject(Object::Chuid, encodeChuid(identity)));
    ASSERT_TRUE(station.writeObject(Object::Ccc, encodeCcc(identity)));
    const auto discovery = station.readObject(Object::Discovery);
    EXPECT_TRUE(discovery.has_value() || discovery.error().code == ErrorCode::ObjectNotFound);
  }
  const auto card = openCard(*service, reader);
  ASSERT_TRUE(card.has_value()) << card.error().detail;
  EXPECT_EQ((*card)->identity(), identity);
}

}  // namespace
}  // namespace fncard::card::piv
