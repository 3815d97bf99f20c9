// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "card/card.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

using testing::FunctionReaders;
using testing::makePin;

// A certificate of the size that the profile gives.
constexpr std::size_t kCertificateSize = 1'600;

struct Expected {
  KeyAlgorithm algorithm;
  bool extended;
  unsigned warmSign;
  unsigned list;
};

class ApduCount : public ::testing::TestWithParam<Expected> {
 protected:
  ApduCount()
      : memory_(testing::personalisedCard(GetParam().algorithm)),
        readers_([this](ByteView command) { return memory_->process(command); },
                 GetParam().extended ? "Extended Reader" : "Short Reader") {
    memory_->extendedLength = GetParam().extended;
    for (const auto object :
         {piv::Object::SignatureCertificate, piv::Object::KeyManagementCertificate}) {
      memory_->objects[static_cast<std::uint32_t>(object)] =
          piv::encodeCertificateObject(Bytes(kCertificateSize, 0x30));
    }
    // the one refused command that teaches the library what the reader can do
    static_cast<void>((*(*openAnyCard(readers_))->begin())->readCertificate(KeyRole::Signature));
    readers_.clearCounts();
  }

  std::unique_ptr<testing::MemoryCard> memory_;
  FunctionReaders readers_;
};

TEST_P(ApduCount, OpeningAndListingBothCertificates) {
  const auto card = openAnyCard(readers_);
  const auto application = (*card)->begin();
  EXPECT_TRUE((*application)->readCertificate(KeyRole::Signature).has_value());
  EXPECT_TRUE((*application)->readCertificate(KeyRole::KeyManagement).has_value());
  EXPECT_LE(readers_.exchanges(), GetParam().list);
}

TEST_P(ApduCount, ASignatureOfAnOpenCard) {
  const auto card = openAnyCard(readers_);
  readers_.clearCounts();
  const KeyAlgorithm algorithm = GetParam().algorithm;
  const auto application = (*card)->begin();
  EXPECT_TRUE((*application)->verifyPin(makePin("123456")).has_value());
  Bytes input(keySize(algorithm), 0x01);
  input.front() = 0;
  EXPECT_TRUE((*application)->sign(KeyRole::Signature, algorithm, input).has_value());
  EXPECT_EQ(readers_.exchanges(), GetParam().warmSign);
}

INSTANTIATE_TEST_SUITE_P(Readers, ApduCount,
                         ::testing::Values(Expected{KeyAlgorithm::Rsa2048, false, 4, 16},
                                           Expected{KeyAlgorithm::Rsa2048, true, 2, 4},
                                           Expected{KeyAlgorithm::EcP256, false, 2, 16},
                                           Expected{KeyAlgorithm::EcP256, true, 2, 4}),
                         [](const auto& test) {
                           return std::string(isRsa(test.param.algorithm) ? "Rsa2048" : "EcP256") +
                                  (test.param.extended ? "Extended" : "Short");
                         });

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
