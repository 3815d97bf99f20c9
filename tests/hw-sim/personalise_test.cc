// SPDX-License-Identifier: Apache-2.0
// docs/card-profile.md and docs/certificate-profile.md.
#include "hw-sim/personalise.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

X509Pointer readPem(const std::string& pem) {
  BIO* source = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(source, nullptr, nullptr, nullptr);
  BIO_free(source);
  return {certificate, X509_free};
}

const PersonalisedCard& sample() {
  static const PersonalisedCard card = *personalise({.algorithm = KeyAlgorithm::P256});
  return card;
}

Bytes contentOf(std::uint32_t tag) {
  const auto content = wire::findTlv(sample().state.objects.at(tag), 0x53);
  return content ? Bytes(content->begin(), content->end()) : Bytes();
}

std::string textOf(ByteView content, std::uint32_t tag) {
  const auto value = wire::findTlv(content, tag);
  return value ? std::string(value->begin(), value->end()) : "missing";
}

TEST(Fascn, IsTheExampleOfTheStandardForTheSameFields) {
  // PACS TIG 2.3 §6: every character has odd parity, and the last makes the exclusive-or zero
  const auto fascn = fascnOf("AZ12345678901234");
  ASSERT_TRUE(fascn);
  ASSERT_EQ(fascn->size(), 25U);
  std::string digits;
  unsigned check = 0;
  for (std::size_t character = 0; character < 40; ++character) {
    unsigned value = 0;
    unsigned ones = 0;
    for (std::size_t bit = 0; bit < 5; ++bit) {
      const std::size_t at = character * 5 + bit;
      const unsigned one = static_cast<unsigned>((*fascn)[at / 8] >> (7 - at % 8)) & 1U;
      ones += one;
      value |= bit < 4 ? one << bit : 0U;
    }
    EXPECT_EQ(ones % 2, 1U) << character;
    check ^= value;
    digits += "0123456789ABCDEF"[value];
  }
  EXPECT_EQ(check, 0U);
  EXPECT_EQ(digits.substr(0, 39), "B9999D0126D123456D7D8D0000901234100001F");
}

TEST(Fascn, RefusesWhatIsNotACardNumber) {
  for (const char* wrong : {"", "AB1234567890123", "AB123456789012345", "ab12345678901234",
                            "A112345678901234", "AB1234567890123X"}) {
    EXPECT_FALSE(fascnOf(wrong)) << wrong;
  }
}

TEST(Personalised, HasTheObjectsOfTheProfile) {
  const Bytes chuid = contentOf(0x5FC102);
  const auto guid = wire::findTlv(chuid, 0x34);
  ASSERT_TRUE(guid);
  ASSERT_EQ(guid->size(), 16U);
  EXPECT_EQ((*guid)[6] >> 4U, 4);
  EXPECT_EQ(textOf(chuid, 0x35).size(), 8U);
  const auto fascn = wire::findTlv(chuid, 0x30);
  ASSERT_TRUE(fascn);
  EXPECT_EQ(Bytes(fascn->begin(), fascn->end()), *fascnOf(sample().cardNumber));
  const Bytes printed = contentOf(0x5FC109);
  EXPECT_EQ(textOf(printed, 0x05), sample().cardNumber);
  EXPECT_EQ(textOf(printed, 0x04).size(), 9U);
  EXPECT_FALSE(contentOf(0x5FC107).empty());
}

TEST(Personalised, CutsALongNameBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 60; ++i) {
    name += "花";
  }
  const auto card = personalise({.algorithm = KeyAlgorithm::P256, .name = name});
  // the certificate's common name has 64 characters at most, the object 125 bytes
  ASSERT_TRUE(card);
  const auto content = wire::findTlv(card->state.objects.at(0x5FC109), 0x53);
  EXPECT_EQ(textOf(*content, 0x01).size(), 123U);
}

TEST(Personalised, HasCertificatesOfItsKeysThatChainToTheRoot) {
  X509_STORE* store = X509_STORE_new();
  const auto root = readPem(sample().rootPem);
  const auto issuing = readPem(sample().issuingPem);
  X509_STORE_add_cert(store, root.get());
  STACK_OF(X509)* between = sk_X509_new_null();
  sk_X509_push(between, issuing.get());
  const std::map<std::uint8_t, const std::string*> certificates = {
      {0x9C, &sample().signaturePem},
      {0x9D, &sample().keyManagementPem},
      {0x9E, &sample().cardAuthenticationPem}};
  for (const auto& [reference, pem] : certificates) {
    const auto certificate = readPem(*pem);
    ASSERT_TRUE(certificate);
    EXPECT_EQ(X509_check_private_key(certificate.get(), sample().state.keys.at(reference).handle()),
              1);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, certificate.get(), between);
    EXPECT_EQ(X509_verify_cert(context), 1)
        << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
    X509_STORE_CTX_free(context);
  }
  sk_X509_free(between);
  X509_STORE_free(store);
}

TEST(Personalised, HasTheKeyUsagesOfTheProfile) {
  EXPECT_EQ(X509_get_key_usage(readPem(sample().signaturePem).get()),
            KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
  EXPECT_EQ(X509_get_key_usage(readPem(sample().keyManagementPem).get()), KU_KEY_AGREEMENT);
  EXPECT_EQ(X509_get_key_usage(readPem(sample().cardAuthenticationPem).get()),
            KU_DIGITAL_SIGNATURE);
}

// Part 1 §3.3.2: the PIN of the application alone
TEST(Personalised, HasADiscoveryObjectAndAnEmptyKeyHistory) {
  EXPECT_EQ(wire::toHex(sample().state.objects.at(0x7E)),
            "7E124F0BA0000003080000100001005F2F024000");
  EXPECT_EQ(wire::toHex(sample().state.objects.at(0x5FC10C)), "5308C10100C20100FE00");
  EXPECT_TRUE(sample().keyHistoryFile.empty());
}

// Part 1 appendix A: 01 in 71 for gzip (RFC 1952); the object is smaller for it
TEST(Personalised, CompressesCertificatesWhenAsked) {
  const auto card = personalise({.algorithm = KeyAlgorithm::P256, .compressCertificates = true});
  ASSERT_TRUE(card);
  const auto content = wire::findTlv(card->state.objects.at(0x5FC10A), 0x53);
  EXPECT_EQ(textOf(*content, 0x71), std::string("\x01"));
  EXPECT_EQ(textOf(*content, 0x70).substr(0, 3), "\x1F\x8B\x08");
  EXPECT_LT(content->size(), contentOf(0x5FC10A).size());
}

// Part 1 §3.3.3: on the card the lowest references, off the card the highest
TEST(Personalised, HasRetiredKeysAndTellsWhereTheirCertificatesAre) {
  const auto card = personalise({.algorithm = KeyAlgorithm::P256,
                                 .baseUrl = "http://history.test",
                                 .retiredKeys = 2,
                                 .retiredKeysOffCard = 1});
  ASSERT_TRUE(card);
  for (const int reference : {0x82, 0x83, 0x95}) {
    EXPECT_EQ(card->state.keys.count(static_cast<std::uint8_t>(reference)), 1U) << reference;
  }
  EXPECT_EQ(card->state.keys.size(), 6U);
  EXPECT_EQ(card->state.objects.count(0x5FC10D) + card->state.objects.count(0x5FC10E), 2U);
  EXPECT_EQ(card->state.objects.count(0x5FC120), 0U);
  const auto history = wire::findTlv(card->state.objects.at(0x5FC10C), 0x53);
  EXPECT_EQ(textOf(*history, 0xC1), std::string("\x02"));
  EXPECT_EQ(textOf(*history, 0xC2), std::string("\x01"));
  const std::string url = textOf(*history, 0xF3);
  Bytes digest(32);
  EVP_Digest(card->keyHistoryFile.data(), card->keyHistoryFile.size(), digest.data(), nullptr,
             EVP_sha256(), nullptr);
  EXPECT_EQ(url, "http://history.test/" + wire::toHex(digest));
  EXPECT_FALSE(personalise({.retiredKeys = 20, .retiredKeysOffCard = 1}));
  EXPECT_FALSE(personalise({.retiredKeys = 1, .retiredKeysOffCard = 0xFFFFFFFFU}));
}

TEST(Personalised, DiffersFromActivatedByThePin) {
  const auto mailed =
      personalise({.stage = CardStage::Personalised, .algorithm = KeyAlgorithm::P256});
  ASSERT_TRUE(mailed);
  EXPECT_EQ(mailed->state.pin.value, paddedPin(kTransportPin));
  EXPECT_EQ(sample().state.pin.value, paddedPin(kHolderPin));
}

}  // namespace
}  // namespace fncard::hw_sim::testing
