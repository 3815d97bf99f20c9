// SPDX-License-Identifier: Apache-2.0
#include "card/piv/signature_check.h"

#include <gtest/gtest.h>

#include "card/card.h"
#include "card/signature_input.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"
#include "tests/card/support/memory_card_crypto.h"

namespace fncard::card::piv {
namespace {

using card::testing::FunctionReaders;
using card::testing::generateKey;
using card::testing::makeCertificate;
using card::testing::privateOperation;

class SignatureCheck : public ::testing::TestWithParam<KeyAlgorithm> {};

TEST_P(SignatureCheck, OnlyTheRightSignatureOfTheRightInputPasses) {
  const KeyAlgorithm algorithm = GetParam();
  const auto key = generateKey(algorithm);
  const Bytes certificate = makeCertificate(key.get(), "holder");
  Bytes input(keySize(algorithm), 0x01);
  input.front() = 0;
  const Bytes signature = privateOperation(key.get(), input);
  EXPECT_TRUE(isSignatureOf(certificate, algorithm, input, signature));
  for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
    Bytes wrong = signature;
    wrong[at] ^= 1U;
    EXPECT_FALSE(isSignatureOf(certificate, algorithm, input, wrong)) << at;
  }
  Bytes other = input;
  other.back() ^= 1U;
  EXPECT_FALSE(isSignatureOf(certificate, algorithm, other, signature));
  EXPECT_FALSE(isSignatureOf(certificate, algorithm, input, {}));
  EXPECT_FALSE(isSignatureOf(Bytes(100, 0x30), algorithm, input, signature));
  EXPECT_FALSE(isSignatureOf(makeCertificate(generateKey(algorithm).get(), "other"), algorithm,
                             input, signature));
  const auto stated =
      algorithm == KeyAlgorithm::EcP256 ? KeyAlgorithm::EcP384 : KeyAlgorithm::EcP256;
  EXPECT_FALSE(isSignatureOf(certificate, stated, input, signature));
}

INSTANTIATE_TEST_SUITE_P(Keys, SignatureCheck,
                         ::testing::Values(KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256,
                                           KeyAlgorithm::EcP384));

/// A chip that is disturbed while it computes must not give its fault away (Bellcore's attack).
TEST(FaultySignature, IsNeverHandedOut) {
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256}) {
    const auto memory = card::testing::personalisedCard(algorithm);
    bool faulty = false;
    FunctionReaders readers([&](ByteView command) {
      auto answer = memory->process(command);
      if (faulty && answer.data.size() > 10 && answer.data.front() == 0x7C) {
        answer.data[answer.data.size() - 3] ^= 1U;
      }
      return answer;
    });
    const auto opened = openAnyCard(readers);
    const auto application = (*opened)->begin();
    ASSERT_TRUE((*application)->readCertificate(KeyRole::CardAuthentication).has_value());
    const Bytes input = sha256SignatureInput(algorithm, sha256({}));
    ASSERT_TRUE((*application)->sign(KeyRole::CardAuthentication, algorithm, input).has_value());
    faulty = true;
    const auto wrong = (*application)->sign(KeyRole::CardAuthentication, algorithm, input);
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, ErrorCode::CardFailed);
  }
}

}  // namespace
}  // namespace fncard::card::piv
