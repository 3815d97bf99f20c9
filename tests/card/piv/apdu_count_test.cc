// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "card/card.h"
#include "card/signature_input.h"
#include "tests/card/cache/temporary_cache.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

using testing::FunctionReaders;
using testing::makePin;

// Bytes of a certificate of the size that the profile gives.
constexpr std::size_t kCertificateSize = 1'600;

struct Expected {
  KeyAlgorithm algorithm;
  bool extended;
  unsigned coldSign;
  unsigned cachedSign;
  unsigned warmSign;
  unsigned list;
};

/// Commands on the wire, against the table that the library is built for.
class ApduCount : public ::testing::TestWithParam<Expected> {
 protected:
  ApduCount()
      : memory_(testing::personalisedCard(GetParam().algorithm)),
        readers_([this](ByteView command) { return memory_->process(command); }, reader()) {
    memory_->extendedLength = GetParam().extended;
    for (const auto& [tag, key] :
         {std::pair{0x5FC10AU, std::uint8_t{0x9C}}, std::pair{0x5FC10BU, std::uint8_t{0x9D}}}) {
      memory_->objects[tag] =
          piv::encodeCertificateObject(certificateOfSize(memory_->keys[key].get()));
    }
    // the one refused command that teaches the library what the reader can do
    static_cast<void>((*(*openAnyCard(readers_))->begin())->readCertificate(KeyRole::Signature));
    std::filesystem::remove_all(cache_.folder());
    readers_.clearCounts();
  }

  static std::string reader() { return GetParam().extended ? "Extended Reader" : "Short Reader"; }

  static Bytes certificateOfSize(EVP_PKEY* key) {
    std::string name;
    Bytes der = testing::makeCertificate(key, "A");
    for (; der.size() < kCertificateSize; der = testing::makeCertificate(key, "A", name)) {
      name.append((kCertificateSize - der.size() + 1) / 2, 'x');
    }
    return der;
  }

  static void sign(CardApplication& application) {
    EXPECT_TRUE(application.verifyPin(makePin("123456")).has_value());
    const KeyAlgorithm algorithm = GetParam().algorithm;
    EXPECT_TRUE(
        application.sign(KeyRole::Signature, algorithm, sha256SignatureInput(algorithm, sha256({})))
            .has_value());
  }

  testing::TemporaryCache cache_;
  std::unique_ptr<testing::MemoryCard> memory_;
  FunctionReaders readers_;
};

TEST_P(ApduCount, OpeningAndListingBothCertificates) {
  const auto list = [this] {
    readers_.clearCounts();
    const auto card = openAnyCard(readers_);
    const auto application = (*card)->begin();
    EXPECT_TRUE((*application)->readCertificate(KeyRole::Signature).has_value());
    EXPECT_TRUE((*application)->readCertificate(KeyRole::KeyManagement).has_value());
    return readers_.exchanges();
  };
  EXPECT_LE(list(), GetParam().list);
  EXPECT_EQ(list(), 2U) << "cached";
}

TEST_P(ApduCount, OneSignatureOfACardThatWasJustPutIn) {
  const auto application = beginOnce(readers_, reader());
  EXPECT_TRUE((*application)->readCertificate(KeyRole::Signature).has_value());
  sign(**application);
  EXPECT_LE(readers_.exchanges(), GetParam().coldSign);
}

TEST_P(ApduCount, ASignatureOfAnOpenedCardColdAndCached) {
  const auto openAndSign = [this] {
    readers_.clearCounts();
    const auto card = openAnyCard(readers_);
    const auto application = (*card)->begin();
    EXPECT_TRUE((*application)->readCertificate(KeyRole::Signature).has_value());
    sign(**application);
    return readers_.exchanges();
  };
  EXPECT_LE(openAndSign(), GetParam().coldSign + 1) << "the CHUID, once a card, for the cache";
  EXPECT_EQ(openAndSign(), GetParam().cachedSign);
}

TEST_P(ApduCount, ASignatureOfAnOpenCard) {
  const auto card = openAnyCard(readers_);
  static_cast<void>((*(*card)->begin())->readCertificate(KeyRole::Signature));
  readers_.clearCounts();
  sign(**(*card)->begin());
  EXPECT_EQ(readers_.exchanges(), GetParam().warmSign);
}

INSTANTIATE_TEST_SUITE_P(Readers, ApduCount,
                         ::testing::Values(Expected{KeyAlgorithm::Rsa2048, false, 12, 6, 4, 16},
                                           Expected{KeyAlgorithm::Rsa2048, true, 4, 4, 2, 4},
                                           Expected{KeyAlgorithm::EcP256, false, 10, 4, 2, 16},
                                           Expected{KeyAlgorithm::EcP256, true, 4, 4, 2, 4}),
                         [](const auto& test) {
                           return std::string(isRsa(test.param.algorithm) ? "Rsa2048" : "EcP256") +
                                  (test.param.extended ? "Extended" : "Short");
                         });

/// The refusal costs one command; and where it took away the PIN that was verified, the card is
/// asked whether it is still ours, and gets the PIN again: 1, 2 (refused), 1, 1, 3.
TEST(ShortReader, IsFoundOutByOneCommandAndTheSignatureComesAllTheSame) {
  const testing::TemporaryCache cache;
  const auto memory = testing::personalisedCard(KeyAlgorithm::Rsa2048);
  memory->extendedLength = false;
  FunctionReaders readers([&](ByteView command) { return memory->process(command); },
                          "Reader Without Extended Length");
  const Bytes input = sha256SignatureInput(KeyAlgorithm::Rsa2048, sha256({}));
  for (const unsigned expected : {8U, 3U}) {
    const auto card = openAnyCard(readers);
    const auto application = (*card)->begin();
    EXPECT_TRUE((*application)->verifyPin(makePin("123456")).has_value());
    readers.clearCounts();
    EXPECT_TRUE((*application)->sign(KeyRole::Signature, KeyAlgorithm::Rsa2048, input).has_value());
    EXPECT_LE(readers.exchanges(), expected);
  }
}

TEST(BeginAndEnd, SendNothing) {
  const auto memory = testing::personalisedCard(KeyAlgorithm::EcP256);
  FunctionReaders readers([&](ByteView command) { return memory->process(command); });
  const auto card = openAnyCard(readers);
  readers.clearCounts();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE((*card)->begin().has_value());
  }
  EXPECT_EQ(readers.exchanges(), 0U);
  EXPECT_EQ(readers.transactions(), 3U);
}

}  // namespace
}  // namespace fncard::card
