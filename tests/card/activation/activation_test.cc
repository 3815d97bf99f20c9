// SPDX-License-Identifier: Apache-2.0
#include "card/activation/activation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "card/signature_input.h"
#include "messages/messages.h"
#include "tests/card/activation/fake_issuer.h"

namespace fncard::card::activation {
namespace {

TEST(Activation, SetsThePersonsPinAndCommitsAReceipt) {
  for (const auto algorithm : {KeyAlgorithm::EcP256, KeyAlgorithm::EcP384, KeyAlgorithm::Rsa2048}) {
    Scene scene(algorithm);
    const auto outcome = scene.activate();
    ASSERT_TRUE(outcome.has_value()) << outcome.error().code;
    EXPECT_EQ(outcome->card.cardNumber, kCardNumber);
    EXPECT_FALSE(outcome->wasAlreadyActive);
    EXPECT_TRUE(scene.holdsPersonsPin());
    EXPECT_EQ(scene.issuer.current, TransactionState::Done);
    EXPECT_EQ(scene.card->pinTries, testing::MemoryCard::kMaxTries);
    EXPECT_EQ(scene.person.newPins, 1);
    EXPECT_EQ(scene.person.pinsSetBefore, 0);
    EXPECT_EQ(scene.person.steps,
              (std::vector{Step::Begin, Step::CardProof, Step::Release, Step::SetPin, Step::Receipt,
                           Step::Commit, Step::Done}));
  }
}

TEST(Activation, TheReceiptIsCanonicalJson) {
  Scene scene;
  ASSERT_TRUE(scene.activate().has_value());
  const auto receipt = nlohmann::json::parse(scene.issuer.receipt);
  EXPECT_EQ(receipt.dump(), scene.issuer.receipt) << "sorted, without white space";
  EXPECT_EQ(receipt.size(), 4U);
  EXPECT_EQ(receipt["nonce"], "ERERERERERERERERERERERERERERERERERERERERERE=");
  EXPECT_EQ(receipt["time"], "2026-01-31T12:00:00Z");
  EXPECT_EQ(receipt["transaction"], scene.issuer.answer.transaction);
  const auto certificate = wire::findTlv(scene.card->objects[0x5FC10A], 0x70);
  std::string expected = wire::toHex(sha256(*certificate));
  std::transform(expected.begin(), expected.end(), expected.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  EXPECT_EQ(receipt["certificates"][0], expected);
  EXPECT_EQ(receipt["certificates"].size(), 2U);
}

TEST(Activation, OfAnActiveCardTouchesNoPin) {
  Scene scene;
  scene.issuer.current = TransactionState::Done;
  const auto outcome = scene.activate();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->wasAlreadyActive);
  EXPECT_EQ(scene.person.newPins + scene.person.pinsSetBefore, 0);
  EXPECT_EQ(scene.card->pin, testing::padded(kTransportPin));
}

TEST(Activation, OfARefusedTransactionStops) {
  Scene scene;
  scene.issuer.current = TransactionState::Refused;
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "activation.stopped");
  EXPECT_FALSE(outcome.error().resumable);
}

TEST(Activation, ARefusedTransportPinOnItsFirstUseIsReportedAsTampering) {
  for (const bool silent : {false, true}) {
    Scene scene;
    scene.card->pin = testing::padded("55555555");
    scene.issuer.silent = silent;
    const auto outcome = scene.activate();
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "activation.tampered");
    EXPECT_EQ(outcome.error().step, Step::SetPin);
    EXPECT_FALSE(outcome.error().resumable);
    EXPECT_EQ(outcome.error().triesLeft, 2U);
    EXPECT_EQ(scene.issuer.tamperReports, silent ? 0 : 1);
    EXPECT_EQ(scene.issuer.commits, 0);
  }
}

TEST(Activation, AForgottenPinEndsWithATryLeftHoweverOftenItIsRun) {
  Scene scene;
  scene.issuer.current = TransactionState::Released;
  scene.card->pin = testing::padded("55555555");
  auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "activation.pin-unknown");
  EXPECT_FALSE(outcome.error().resumable);
  for (int i = 0; i < 3; ++i) {
    outcome = scene.activate();
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "activation.last-try");
    EXPECT_EQ(scene.card->pinTries, 1U);
  }
  EXPECT_EQ(scene.issuer.tamperReports, 0);
}

TEST(Activation, NeverUsesTheLastTryNorABlockedCard) {
  for (const auto state : {TransactionState::Begun, TransactionState::Released}) {
    for (const unsigned tries : {0U, 1U}) {
      Scene scene;
      scene.issuer.current = state;
      scene.card->pinTries = tries;
      const auto outcome = scene.activate();
      ASSERT_FALSE(outcome.has_value());
      EXPECT_EQ(outcome.error().code, tries == 0 ? "card.pin-blocked" : "activation.last-try");
      EXPECT_EQ(outcome.error().triesLeft, tries);
      EXPECT_EQ(scene.card->pinTries, tries);
      EXPECT_EQ(scene.card->pin, testing::padded(kTransportPin));
    }
  }
}

TEST(Activation, AfterAnInterruptionThePersonsPinIsTriedFirst) {
  Scene scene;
  scene.issuer.current = TransactionState::Released;
  scene.card->pin = testing::padded(kPersonsPin);
  ASSERT_TRUE(scene.activate().has_value());
  EXPECT_EQ(scene.person.pinsSetBefore, 1);
  EXPECT_EQ(scene.person.newPins, 0);
  EXPECT_EQ(scene.card->pinTries, testing::MemoryCard::kMaxTries);
}

TEST(Activation, APersonWhoChoseNonePinYetSpendsNoTry) {
  Scene scene;
  scene.issuer.current = TransactionState::Released;
  scene.person.remembered.clear();
  scene.card->pinTries = 2;
  ASSERT_TRUE(scene.activate().has_value());
  EXPECT_EQ(scene.person.newPins, 1);
  EXPECT_TRUE(scene.holdsPersonsPin());
}

TEST(Activation, CancelledByThePersonLeavesNoTrace) {
  Scene scene;
  scene.person.cancels = true;
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "card.cancelled");
  EXPECT_TRUE(outcome.error().resumable);
  EXPECT_EQ(scene.issuer.current, TransactionState::Begun);
}

TEST(Activation, AWeakPinIsRefusedBeforeAnythingIsReleased) {
  Scene scene;
  scene.person.pin = "19901231";
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "card.pin-birth-date");
  EXPECT_EQ(scene.issuer.current, TransactionState::Begun);
}

TEST(Activation, ACardThatCannotProveItselfGetsNothing) {
  Scene scene;
  scene.card->keys[0x9E] = testing::generateKey(KeyAlgorithm::EcP256);
  scene.card->objects[0x5FC101] = piv::encodeCertificateObject(
      testing::makeCertificate(scene.card->keys[0x9E].get(), "somebody else's"));
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "test.proof-wrong");
  EXPECT_EQ(outcome.error().message, "sentence");
  EXPECT_EQ(outcome.error().step, Step::Release);
  EXPECT_EQ(scene.issuer.current, TransactionState::Begun);
}

TEST(Activation, ACardWhoseKeyIsNotItsCertificatesIsStoppedHere) {
  Scene scene;
  scene.card->keys[0x9E] = testing::generateKey(KeyAlgorithm::EcP256);
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "card.card-failed");
  EXPECT_EQ(outcome.error().step, Step::CardProof);
  EXPECT_EQ(scene.issuer.current, TransactionState::Begun);
}

TEST(Activation, ACardOfAnotherIssuerIsNotSentAnywhere) {
  Scene scene;
  CardIdentity other{.expiry = "2031-11-30"};
  other.guid.fill(1);
  scene.card->objects[0x5FC102] = piv::encodeChuid(other);
  const auto outcome = scene.activate();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, "activation.not-our-card");
  EXPECT_EQ(scene.cut.passed, 2) << "SELECT and CHUID only";
}

TEST(Activation, AnIssuersNonsenseIsNotSigned) {
  for (int kind = 0; kind < 4; ++kind) {
    Scene scene;
    if (kind == 0) {
      scene.issuer.answer.nonce.resize(31);
    } else {
      scene.issuer.answer.transaction = kind == 1   ? ""
                                        : kind == 2 ? std::string(129, 'a')
                                                    : "a b\n";
    }
    const auto outcome = scene.activate();
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "activation.issuer-malformed");
  }
}

TEST(Activation, EveryCodeOfItsOwnHasASentenceInEveryLanguage) {
  for (const auto language : messages::languages()) {
    for (const auto* code :
         {"activation.not-our-card", "activation.stopped", "activation.issuer-malformed",
          "activation.last-try", "activation.tampered", "activation.pin-unknown"}) {
      EXPECT_TRUE(messages::has(language, code)) << messages::tag(language) << ' ' << code;
    }
  }
}

}  // namespace
}  // namespace fncard::card::activation
