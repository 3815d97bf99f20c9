// SPDX-License-Identifier: Apache-2.0
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

using Vendor = CardTest;

TEST_F(Vendor, SetManagementKeyReplacesTheKeyAfterAdministration) {
  const std::string key(64, 'A');
  const std::string command = "00FFFFFF 23 0C9B20" + key;
  EXPECT_EQ(send(command), "6982");
  authenticateManagement();
  EXPECT_EQ(send(command), "9000");
  EXPECT_EQ(store.saved.back().management.cipher, BlockCipher::Aes256);
  EXPECT_EQ(wire::toHex(store.saved.back().management.key), key);
  EXPECT_EQ(send("0087039B 04 7C028100 00"), "6A86");  // no longer 3DES
}

TEST_F(Vendor, SetManagementKeyRefusesWhatDoesNotFit) {
  authenticateManagement();
  EXPECT_EQ(send("00FFFFFF 13 0C9B10" + std::string(32, 'A')), "6700");
  EXPECT_EQ(send("00FFFFFF 13 089B11" + std::string(32, 'A')), "6700");
  EXPECT_EQ(send("00FFFFFF 13 089A10" + std::string(32, 'A')), "6A80");
  EXPECT_EQ(send("00FFFFFF 13 099B10" + std::string(32, 'A')), "6A80");
  EXPECT_EQ(send("00FFFF00 13 089B10" + std::string(32, 'A')), "6A86");
  EXPECT_EQ(send("00FFFFFF 02 089B"), "6700");
  EXPECT_EQ(card.state().management.cipher, BlockCipher::TripleDes);
}

Bytes numberOf(const PrivateKey& key, const char* name) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key.handle(), name, &number), 1);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  BN_clear_free(number);
  return out;
}

TEST_F(Vendor, ImportsAnRsaKeyFromItsPrimes) {
  wire::CommandApdu import{.ins = 0xFE, .p1 = 0x07, .p2 = 0x9D};
  wire::appendTlv(import.data, 0x01, numberOf(rsaKey(), OSSL_PKEY_PARAM_RSA_FACTOR1));
  wire::appendTlv(import.data, 0x02, numberOf(rsaKey(), OSSL_PKEY_PARAM_RSA_FACTOR2));
  EXPECT_EQ(send(import, true), "6982");
  authenticateManagement();
  EXPECT_EQ(send(import, true), "9000");
  EXPECT_EQ(card.state().keys.at(0x9D).modulus(), rsaKey().modulus());
  const auto stored = cardStateFromJson(toJson(card.state()));
  ASSERT_TRUE(stored) << stored.error();
  const Bytes block(256, 0x17);
  EXPECT_EQ(stored->keys.at(0x9D).rsaPrivate(block), rsaKey().rsaPrivate(block));
  import.p1 = 0x05;
  EXPECT_EQ(send(import, true), "6A80");
}

// every algorithm of the card, generated, moved to another card, and equal there
TEST_F(Vendor, ImportsKeysOfEverySizeThatAreStoredAndReadBack) {
  authenticateManagement();
  for (const auto algorithm :
       {KeyAlgorithm::Rsa3072, KeyAlgorithm::Rsa4096, KeyAlgorithm::P256, KeyAlgorithm::P384}) {
    const auto key = PrivateKey::generate(algorithm);
    ASSERT_TRUE(key);
    wire::CommandApdu import{.ins = 0xFE, .p1 = static_cast<std::uint8_t>(algorithm), .p2 = 0x82};
    if (isRsa(algorithm)) {
      wire::appendTlv(import.data, 0x01, numberOf(*key, OSSL_PKEY_PARAM_RSA_FACTOR1));
      wire::appendTlv(import.data, 0x02, numberOf(*key, OSSL_PKEY_PARAM_RSA_FACTOR2));
    } else {
      Bytes scalar = numberOf(*key, OSSL_PKEY_PARAM_PRIV_KEY);
      scalar.insert(scalar.begin(), fieldSize(algorithm) - scalar.size(), 0);
      wire::appendTlv(import.data, 0x06, scalar);
    }
    ASSERT_EQ(send(import, true), "9000");
    const auto stored = cardStateFromJson(toJson(card.state()));
    ASSERT_TRUE(stored) << stored.error();
    const PrivateKey& back = stored->keys.at(0x82);
    EXPECT_EQ(back.algorithm(), algorithm);
    const Bytes block(fieldSize(algorithm), 0x17);
    if (isRsa(algorithm)) {
      EXPECT_EQ(back.rsaPrivate(block), key->rsaPrivate(block));
    } else {
      EXPECT_EQ(back.publicPoint(), key->publicPoint());
    }
  }
}

TEST_F(Vendor, ImportsAnEcKeyFromItsScalar) {
  authenticateManagement();
  const Bytes scalar(32, 0x42);
  EXPECT_EQ(send("00FE119E 22 0620" + wire::toHex(scalar)), "9000");
  const Bytes answer = hex(send("0087119E 26 7C2482008120" + std::string(64, '5') + "00"));
  EXPECT_EQ(statusOf(wire::toHex(answer)), "9000");
  EXPECT_EQ(send("00FE119E 22 0620" + std::string(64, 'F')), "6A80");  // above the order
  EXPECT_EQ(send("00FE119E 22 0620" + std::string(64, '0')), "6A80");
  EXPECT_EQ(send("00FE1180 22 0620" + wire::toHex(scalar)), "6A86");
}

TEST_F(Vendor, TellsVersionAndSerial) {
  EXPECT_EQ(send("00FD0000 00"), "0502049000");
  EXPECT_EQ(send("00F80000 00").size(), 12U);
}

}  // namespace
}  // namespace fncard::hw_sim::testing
