// SPDX-License-Identifier: Apache-2.0
// Other programs and hands between any two of our steps: each operation is disturbed at every
// begin() and every exchange, and gives what is right or an error.
#include <gtest/gtest.h>

#include <array>

#include "card/card.h"
#include "card/signature_input.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"
#include "tests/card/support/memory_card_crypto.h"

namespace fncard::card {
namespace {

using testing::FunctionReaders;
using testing::makePin;
using testing::MemoryCard;

constexpr auto kAlgorithm = KeyAlgorithm::EcP256;
const Bytes kMessage{'t', 'e', 'x', 't'};

enum class Disturbance {
  Reset,
  OtherApplication,
  OtherApplicationWithPin,
  OtherApplicationWithSamePin,
  RightPinByAnother,
  WrongPinByAnother,
  SwapWithEvent,
  SwapWithoutEvent
};

/// The person's card, another one of ours with another PIN, and a hand.
class Scene {
 public:
  Scene(Disturbance disturbance, int step) : disturbance_(disturbance), step_(step) {
    second->pin = testing::padded("222222");
    second->keys[0x9C] = testing::generateKey(kAlgorithm);
    second->keys[0x9D] = testing::generateKey(kAlgorithm);
    if (disturbance == Disturbance::OtherApplicationWithSamePin) {
      first->otherPin = first->pin;
    }
    readers.beforeEachStep([this] {
      if (armed_ && step_-- == 0) {
        happen();
      }
    });
  }

  /// From now on steps are counted.
  void arm() { armed_ = true; }
  [[nodiscard]] bool happened() const { return step_ < 0; }

  std::unique_ptr<MemoryCard> first = testing::personalisedCard(kAlgorithm);
  std::unique_ptr<MemoryCard> second = testing::personalisedCard(kAlgorithm, "CD12345678901234");
  MemoryCard* inReader = first.get();
  FunctionReaders readers{[this](ByteView command) { return inReader->process(command); }};

 private:
  void happen() {
    switch (disturbance_) {
      case Disturbance::Reset:
        first->losePower();
        readers.resetCard();
        break;
      case Disturbance::OtherApplication:
        first->deselect();
        break;
      case Disturbance::OtherApplicationWithPin:
      case Disturbance::OtherApplicationWithSamePin:
        first->selectOtherWithPin();
        break;
      case Disturbance::RightPinByAnother:
        first->verifyByAnother(first->pin);
        break;
      case Disturbance::WrongPinByAnother:
        first->verifyByAnother(testing::padded("999999"));
        break;
      case Disturbance::SwapWithEvent:
        readers.removeCard();
        readers.insertCard();
        [[fallthrough]];
      case Disturbance::SwapWithoutEvent:
        first->losePower();
        inReader = second.get();
        break;
    }
  }

  Disturbance disturbance_;
  int step_;
  bool armed_ = false;
};

class Disturbed : public ::testing::TestWithParam<Disturbance> {
 protected:
  /// Runs operation(scene, card) once for each step that it has, and check(scene) after each.
  template <typename Operation, typename Check>
  void atEveryStep(Operation operation, Check check) {
    for (int step = 0;; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Scene scene(GetParam(), step);
      const auto card = openAnyCard(scene.readers);
      ASSERT_TRUE(card.has_value());
      ASSERT_TRUE((*(*card)->begin())->readCertificate(KeyRole::Signature).has_value());
      scene.arm();
      operation(scene, **card);
      check(scene);
      if (!scene.happened()) {
        ASSERT_GT(step, 2);
        return;
      }
    }
  }

  [[nodiscard]] bool isSwap() const {
    return GetParam() == Disturbance::SwapWithEvent || GetParam() == Disturbance::SwapWithoutEvent;
  }

  void checkOthers(const Scene& scene) const {
    EXPECT_EQ(scene.second->pinTries, 3U) << "the other card";
    if (GetParam() == Disturbance::SwapWithEvent) {
      EXPECT_EQ(scene.second->pinCommands, 0U) << "no PIN to a card of which PC/SC told";
    }
    EXPECT_GE(scene.first->otherTries, 2U) << "the other application loses one try at most";
  }
};

Result<Bytes> verifyAndSign(Card& card, const std::string& pin) {
  const auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  if (auto verified = (*application)->verifyPin(makePin(pin)); !verified) {
    return tl::unexpected(verified.error());
  }
  return (*application)
      ->sign(KeyRole::Signature, kAlgorithm, sha256SignatureInput(kAlgorithm, sha256(kMessage)));
}

TEST_P(Disturbed, ASignatureIsRightOrAnErrorAndSpendsNoTry) {
  const bool wrongByAnother = GetParam() == Disturbance::WrongPinByAnother;
  atEveryStep(
      [&](Scene& scene, Card& card) {
        // twice: what the first run learned must not make the second one wrong
        for (int i = 0; i < 2; ++i) {
          const auto signature = verifyAndSign(card, "123456");
          if (signature) {
            EXPECT_TRUE(testing::verifySha256(scene.first->keys[0x9C].get(), kMessage, *signature));
          } else {
            EXPECT_NE(signature.error().code, ErrorCode::PinIncorrect);
            EXPECT_NE(signature.error().code, ErrorCode::PinBlocked);
            EXPECT_TRUE(!isSwap() || signature.error().code == ErrorCode::CardRemoved);
          }
        }
      },
      [&](Scene& scene) {
        checkOthers(scene);
        EXPECT_GE(scene.first->pinTries, wrongByAnother ? 2U : 3U);
      });
}

TEST_P(Disturbed, BetweenTransactionsASignatureRecoversUnlessTheCardIsAnother) {
  Scene scene(GetParam(), 0);
  const auto card = openAnyCard(scene.readers);
  ASSERT_TRUE((*(*card)->begin())->readCertificate(KeyRole::Signature).has_value());
  scene.arm();
  const auto signature = verifyAndSign(**card, "123456");
  EXPECT_EQ(signature.has_value(), !isSwap());
  if (signature) {
    EXPECT_TRUE(testing::verifySha256(scene.first->keys[0x9C].get(), kMessage, *signature));
  } else {
    EXPECT_EQ(signature.error().code, ErrorCode::CardRemoved);
  }
}

TEST_P(Disturbed, AWrongPinCostsOneTryOfOurCardAndItsCounterIsWhatIsReported) {
  const bool wrongByAnother = GetParam() == Disturbance::WrongPinByAnother;
  const bool rightByAnother = GetParam() == Disturbance::RightPinByAnother;
  atEveryStep(
      [&](Scene& scene, Card& card) {
        const auto application = card.begin();
        if (!application) {
          return;
        }
        const auto refused = (*application)->verifyPin(makePin("888888"));
        ASSERT_FALSE(refused.has_value());
        if (refused.error().code == ErrorCode::PinIncorrect) {
          ASSERT_TRUE(refused.error().triesLeft.has_value());
          // who verified between the refusal and the report changed the counter behind it
          EXPECT_TRUE(refused.error().triesLeft == scene.first->pinTries || wrongByAnother ||
                      rightByAnother);
        } else {
          EXPECT_FALSE(refused.error().triesLeft.has_value());
        }
        // further steps, so that the test goes past the last one of the operation
        static_cast<void>((*application)->pinStatus());
      },
      [&](Scene& scene) {
        checkOthers(scene);
        EXPECT_GE(scene.first->pinTries, wrongByAnother ? 1U : 2U);
      });
}

TEST_P(Disturbed, TheCounterThatIsReportedIsOurs) {
  Scene scene(GetParam(), 0);
  scene.first->otherTries = 1;
  const auto card = openAnyCard(scene.readers);
  scene.arm();
  const auto application = (*card)->begin();
  if (!application) {
    EXPECT_TRUE(isSwap());
    return;
  }
  const auto status = (*application)->pinStatus();
  if (isSwap()) {
    EXPECT_EQ(status.error().code, ErrorCode::CardRemoved);
  } else if (GetParam() == Disturbance::RightPinByAnother) {
    EXPECT_TRUE(status->verified);
  } else {
    EXPECT_EQ(status->triesLeft, scene.first->pinTries);
  }
}

TEST_P(Disturbed, AChangedPinIsChangedOnOurCardOnly) {
  atEveryStep(
      [&](Scene& scene, Card& card) {
        const auto application = card.begin();
        if (!application) {
          return;
        }
        const auto changed = (*application)->changePin(makePin("123456"), makePin("654321"));
        EXPECT_EQ(changed.has_value(), scene.first->pin == testing::padded("654321"));
        static_cast<void>((*application)->pinStatus());
        static_cast<void>((*application)->pinStatus());
      },
      [&](Scene& scene) {
        EXPECT_EQ(scene.second->pin, testing::padded("222222"));
        EXPECT_EQ(scene.second->pinTries, 3U);
        EXPECT_EQ(scene.first->otherTries, 3U);
      });
}

TEST_P(Disturbed, AgreeingOnASecretGivesOurCardsOrAnError) {
  const auto peer = testing::generateKey(kAlgorithm);
  unsigned char* raw = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(peer.get(), &raw);
  const Bytes point(raw, raw + size);
  OPENSSL_free(raw);
  atEveryStep(
      [&](Scene& scene, Card& card) {
        const auto application = card.begin();
        if (!application || !(*application)->verifyPin(makePin("123456"))) {
          return;
        }
        const auto secret = (*application)->agree(KeyRole::KeyManagement, kAlgorithm, point);
        if (secret) {
          EXPECT_EQ(Bytes(secret->bytes().begin(), secret->bytes().end()),
                    testing::sharedSecret(scene.first->keys[0x9D].get(), point));
        }
      },
      [&](Scene& scene) { checkOthers(scene); });
}

TEST_P(Disturbed, AListHasOurCardsCertificatesOrEndsInAnError) {
  Bytes expected;
  atEveryStep(
      [&](Scene& scene, Card& card) {
        for (int i = 0; i < 2; ++i) {
          const auto application = card.begin();
          if (!application) {
            return;
          }
          const auto der = (*application)->readCertificate(KeyRole::KeyManagement);
          if (der) {
            EXPECT_EQ(piv::encodeCertificateObject(*der), scene.first->objects[0x5FC10B]);
          } else {
            EXPECT_NE(der.error().code, ErrorCode::ObjectNotFound);
          }
        }
      },
      [&](Scene& scene) { checkOthers(scene); });
}

std::string nameOf(const ::testing::TestParamInfo<Disturbance>& test) {
  constexpr std::array kNames{"Reset",
                              "OtherApplication",
                              "OtherApplicationWithPin",
                              "OtherApplicationWithSamePin",
                              "RightPinByAnother",
                              "WrongPinByAnother",
                              "SwapWithEvent",
                              "SwapWithoutEvent"};
  return kNames.at(static_cast<std::size_t>(test.param));
}

INSTANTIATE_TEST_SUITE_P(By, Disturbed,
                         ::testing::Values(Disturbance::Reset, Disturbance::OtherApplication,
                                           Disturbance::OtherApplicationWithPin,
                                           Disturbance::OtherApplicationWithSamePin,
                                           Disturbance::RightPinByAnother,
                                           Disturbance::WrongPinByAnother,
                                           Disturbance::SwapWithEvent,
                                           Disturbance::SwapWithoutEvent),
                         nameOf);

TEST(SharedCard, AnotherApplicationLosesOneTryAndNoMore) {
  Scene scene(Disturbance::OtherApplicationWithPin, -1);
  const auto card = openAnyCard(scene.readers);
  for (int i = 0; i < 5; ++i) {
    scene.first->selectOtherWithPin();
    EXPECT_TRUE(verifyAndSign(**card, "123456").has_value());
  }
  EXPECT_EQ(scene.first->otherTries, 2U);
}

TEST(Reset, ThatWasToldWithAFailureIsNotForgotten) {
  Scene scene(Disturbance::SwapWithoutEvent, -1);
  const auto card = openAnyCard(scene.readers);
  scene.readers.resetCard();
  scene.readers.removeCard();
  EXPECT_EQ((*card)->begin().error().code, ErrorCode::CardRemoved);
  EXPECT_EQ((*card)->begin().error().code, ErrorCode::CardRemoved);
}

}  // namespace
}  // namespace fncard::card
