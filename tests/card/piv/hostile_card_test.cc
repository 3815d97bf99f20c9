// SPDX-License-Identifier: Apache-2.0
// A card that answers what it likes: nothing it says may be read beyond its end, believed, or
// waited for without an end. Run under the asan preset as well.
#include <gtest/gtest.h>

#include <random>

#include "card/card.h"
#include "card/piv/public_key.h"
#include "tests/card/support/memory_card.h"
#include "tests/card/support/script.h"

namespace fncard::card {
namespace {

using testing::Exchange;
using testing::FunctionReaders;
using testing::openingLines;
using testing::Script;

/// The card opened, then one answer to whatever is asked.
template <typename Operation>
auto afterOpening(const std::string& answer, Operation operation) {
  Script script(openingLines());
  script.append({{"*", answer}});
  FunctionReaders readers(script, "Hostile Reader");
  const auto card = openAnyCard(readers);
  EXPECT_TRUE(card.has_value());
  return operation(**(*card)->begin());
}

ErrorCode signatureError(KeyAlgorithm algorithm, const std::string& answer) {
  return afterOpening(answer, [&](CardApplication& application) {
    return application.sign(KeyRole::CardAuthentication, algorithm, Bytes(keySize(algorithm), 1))
        .error()
        .code;
  });
}

TEST(HostileCard, ASignatureOfAnotherFormIsMalformed) {
  for (const auto* answer :
       {"9000", "7C 9000", "7C00 9000", "7C02 8200 9000", "7C04 8202 3000 9000",
        "7C0B 8209 3006020101020101 00 9000" /* a byte after the sequence */,
        "7C07 8205 3003020101 9000" /* one integer */,
        "7C09 8207 3005020101 0200 9000" /* empty integer */, "7C82FFFF 8208 3006020101020101 9000",
        "8208 3006020101020101 9000"}) {
    EXPECT_EQ(signatureError(KeyAlgorithm::EcP256, answer), ErrorCode::Malformed) << answer;
  }
  EXPECT_EQ(signatureError(KeyAlgorithm::Rsa2048, "7C03 8201 01 9000"), ErrorCode::Malformed);
}

TEST(HostileCard, ACertificateObjectOfAnotherFormIsMalformed) {
  for (const auto* answer :
       {"5382FFFF70 9000", "7000 9000", "53037082FF 9000", "5305710101FE00 9000", "53 9000"}) {
    const auto code = afterOpening(answer, [](CardApplication& application) {
      return application.readCertificate(KeyRole::Signature).error().code;
    });
    EXPECT_EQ(code, ErrorCode::Malformed) << answer;
  }
}

TEST(HostileCard, ASecretOfAnotherSizeIsMalformed) {
  for (const auto* answer : {"7C03820101 9000", "7C02 8200 9000", "9000"}) {
    const auto code = afterOpening(answer, [](CardApplication& application) {
      Bytes point(65, 1);
      point[0] = 4;
      return application.agree(KeyRole::KeyManagement, KeyAlgorithm::EcP256, point).error().code;
    });
    EXPECT_EQ(code, ErrorCode::Malformed) << answer;
  }
}

TEST(HostileCard, AChuidOfAnotherFormMakesNoCard) {
  for (const auto* answer : {"5300 9000", "53023400 9000", "5382FFFF 9000", "6A82", "9000"}) {
    Script script({openingLines().front(), {"*", answer}});
    FunctionReaders readers(script);
    const auto card = openAnyCard(readers);
    ASSERT_FALSE(card.has_value()) << answer;
    EXPECT_TRUE(card.error().code == ErrorCode::UnknownCard ||
                card.error().code == ErrorCode::Malformed);
  }
}

TEST(HostileCard, PublicKeysAreCheckedBeforeTheyAreBelieved) {
  const auto spki = [](KeyAlgorithm algorithm, const Bytes& fields) {
    return piv::subjectPublicKeyInfo(algorithm, wire::encodeTlv(0x7F49, fields));
  };
  Bytes offCurve(65, 1);
  offCurve[0] = 4;
  EXPECT_EQ(spki(KeyAlgorithm::EcP256, wire::encodeTlv(0x86, offCurve)).error().code,
            ErrorCode::Malformed);
  EXPECT_EQ(spki(KeyAlgorithm::EcP256, {}).error().code, ErrorCode::Malformed);
  Bytes rsa = wire::encodeTlv(0x81, Bytes(256, 0xFF));
  EXPECT_EQ(spki(KeyAlgorithm::Rsa2048, rsa).error().code, ErrorCode::Malformed);
  wire::appendTlv(rsa, 0x82, Bytes{2});
  EXPECT_EQ(spki(KeyAlgorithm::Rsa2048, rsa).error().code, ErrorCode::Malformed);
  EXPECT_EQ(piv::subjectPublicKeyInfo(KeyAlgorithm::EcP256, {}).error().code, ErrorCode::Malformed);
}

TEST(HostileCard, RandomAnswersNeitherCrashNorHang) {
  std::mt19937 random(20'311'130);  // NOLINT(cert-msc51-cpp): the same bytes at every run
  const auto memory = testing::personalisedCard(KeyAlgorithm::EcP256);
  for (int round = 0; round < 300; ++round) {
    int untilHostile = static_cast<int>(random() % 6);
    FunctionReaders readers(
        [&](ByteView command) -> Result<wire::ResponseApdu> {
          wire::ResponseApdu answer = memory->process(command);
          if (untilHostile-- > 0) {
            return answer;
          }
          if (answer.data.empty() || random() % 4 == 0) {
            answer.data.resize(random() % 300);
          }
          for (std::size_t flips = random() % 8; flips > 0 && !answer.data.empty(); --flips) {
            answer.data[random() % answer.data.size()] = static_cast<std::uint8_t>(random());
          }
          if (random() % 3 == 0) {
            answer.status = wire::StatusWord(static_cast<std::uint16_t>(random()));
          }
          return answer;
        },
        "Random Reader");
    const auto card = openAnyCard(readers);
    if (!card) {
      continue;
    }
    const auto application = (*card)->begin();
    if (!application) {
      continue;
    }
    static_cast<void>((*application)->readCertificate(KeyRole::Signature));
    static_cast<void>((*application)->pinStatus());
    static_cast<void>((*application)->verifyPin(testing::makePin("123456")));
    static_cast<void>((*application)->readPrintedInformation());
    static_cast<void>((*application)->sign(KeyRole::Signature, KeyAlgorithm::EcP256, Bytes(32, 1)));
    EXPECT_LT(readers.exchanges(), 4'000U);
  }
}

}  // namespace
}  // namespace fncard::card
