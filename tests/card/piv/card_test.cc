// SPDX-License-Identifier: Apache-2.0
#include "card/card.h"

#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include <cstring>

#include "card/signature_input.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"
#include "tests/card/support/memory_card_crypto.h"
#include "tests/card/support/script.h"

namespace fncard::card {
namespace {

using testing::FunctionReaders;
using testing::makePin;
using testing::MemoryCard;

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kGeneralAuthenticate = 0x87;
constexpr std::uint8_t kGetData = 0xCB;

class CardTest : public ::testing::Test {
 protected:
  void insert(KeyAlgorithm algorithm = KeyAlgorithm::EcP256) {
    memory_ = testing::personalisedCard(algorithm);
    readers_ = std::make_unique<FunctionReaders>(
        [this](ByteView command) { return memory_->process(command); });
    card_ = std::move(*openAnyCard(*readers_));
    memory_->instructions.clear();
  }

  std::unique_ptr<CardApplication> begin() { return std::move(*card_->begin()); }

  using Instructions = std::vector<std::uint8_t>;

  std::unique_ptr<MemoryCard> memory_;
  std::unique_ptr<FunctionReaders> readers_;
  std::unique_ptr<Card> card_;
};

TEST_F(CardTest, KnowsWhichCardItIsFromTwoCommands) {
  memory_ = testing::personalisedCard(KeyAlgorithm::EcP256);
  FunctionReaders readers([this](ByteView command) { return memory_->process(command); });
  const auto card = openCard(readers, "Test Reader 00 00");
  ASSERT_TRUE(card.has_value());
  EXPECT_EQ((*card)->identity().cardNumber, "AB12345678901234");
  EXPECT_EQ((*card)->identity().expiry, "2031-11-30");
  EXPECT_EQ(memory_->instructions, (Instructions{kSelect, kGetData}));
}

TEST_F(CardTest, ReadsCertificateAndPrintedInformation) {
  insert();
  const auto application = begin();
  EXPECT_TRUE(application->readCertificate(KeyRole::KeyManagement).has_value());
  EXPECT_EQ(application->readPrintedInformation().error().code, ErrorCode::NotLoggedIn);
  ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
  EXPECT_EQ(application->readPrintedInformation()->name, "NGUYỄN VĂN AN");
}

TEST_F(CardTest, SignsWithEachKindOfKey) {
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP384}) {
    insert(algorithm);
    const auto application = begin();
    ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
    const Bytes message{1, 2, 3};
    const auto signature = application->sign(KeyRole::Signature, algorithm,
                                             sha256SignatureInput(algorithm, sha256(message)));
    ASSERT_TRUE(signature.has_value()) << signature.error().detail;
    EXPECT_TRUE(testing::verifySha256(memory_->keys[0x9C].get(), message, *signature));
  }
}

TEST_F(CardTest, TheSignatureKeyWantsThePinEachTime) {
  insert();
  const auto application = begin();
  const Bytes digest(32, 1);
  ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
  EXPECT_TRUE(application->sign(KeyRole::Signature, KeyAlgorithm::EcP256, digest).has_value());
  EXPECT_EQ(application->sign(KeyRole::Signature, KeyAlgorithm::EcP256, digest).error().code,
            ErrorCode::NotLoggedIn);
  EXPECT_TRUE(
      application->sign(KeyRole::CardAuthentication, KeyAlgorithm::EcP256, digest).has_value());
}

TEST_F(CardTest, DeciphersWithRsa) {
  insert(KeyAlgorithm::Rsa2048);
  const auto application = begin();
  ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
  Bytes plain(256, 0x5A);
  plain[0] = 0;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(memory_->keys[0x9D].get(), nullptr);
  Bytes encrypted(256);
  std::size_t size = encrypted.size();
  ASSERT_EQ(EVP_PKEY_encrypt_init(context), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
  ASSERT_EQ(EVP_PKEY_encrypt(context, encrypted.data(), &size, plain.data(), plain.size()), 1);
  EVP_PKEY_CTX_free(context);
  const auto secret =
      application->decipher(KeyRole::KeyManagement, KeyAlgorithm::Rsa2048, encrypted);
  ASSERT_TRUE(secret.has_value()) << secret.error().detail;
  EXPECT_EQ(Bytes(secret->bytes().begin(), secret->bytes().end()), plain);
}

TEST_F(CardTest, AgreesOnTheSecretThatThePeerHas) {
  insert(KeyAlgorithm::EcP384);
  const auto application = begin();
  ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
  const auto peer = testing::generateKey(KeyAlgorithm::EcP384);
  const auto pointOf = [](EVP_PKEY* key) {
    unsigned char* raw = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &raw);
    Bytes point(raw, raw + size);
    OPENSSL_free(raw);
    return point;
  };
  const auto secret =
      application->agree(KeyRole::KeyManagement, KeyAlgorithm::EcP384, pointOf(peer.get()));
  ASSERT_TRUE(secret.has_value()) << secret.error().detail;
  EXPECT_EQ(Bytes(secret->bytes().begin(), secret->bytes().end()),
            testing::sharedSecret(peer.get(), pointOf(memory_->keys[0x9D].get())));
}

TEST_F(CardTest, InputOfTheWrongSizeIsRefusedBeforeTheCardSeesIt) {
  insert();
  const auto application = begin();
  EXPECT_FALSE(application->sign(KeyRole::Signature, KeyAlgorithm::EcP256, Bytes(33)).has_value());
  EXPECT_FALSE(application->sign(KeyRole::Signature, KeyAlgorithm::EcP256, {}).has_value());
  EXPECT_FALSE(
      application->sign(KeyRole::Signature, KeyAlgorithm::Rsa2048, Bytes(255)).has_value());
  EXPECT_FALSE(application->decipher(KeyRole::KeyManagement, KeyAlgorithm::EcP256, Bytes(32)));
  EXPECT_FALSE(application->agree(KeyRole::KeyManagement, KeyAlgorithm::EcP256, Bytes(65)));
  EXPECT_TRUE(memory_->instructions.empty());
}

TEST_F(CardTest, CountsTriesAndBlocks) {
  insert();
  const auto application = begin();
  EXPECT_EQ(application->pinStatus()->triesLeft, 3U);
  for (const unsigned left : {2U, 1U}) {
    const auto wrong = application->verifyPin(makePin("999999"));
    EXPECT_EQ(wrong.error().code, ErrorCode::PinIncorrect);
    EXPECT_EQ(wrong.error().triesLeft, left);
    EXPECT_EQ(application->pinStatus()->triesLeft, left);
  }
  EXPECT_EQ(application->verifyPin(makePin("999999")).error().code, ErrorCode::PinBlocked);
  EXPECT_TRUE(application->pinStatus()->blocked);
  EXPECT_EQ(application->verifyPin(makePin("123456")).error().code, ErrorCode::PinBlocked);
}

TEST_F(CardTest, ForgetsThePinByOneCommand) {
  insert();
  const auto application = begin();
  ASSERT_TRUE(application->verifyPin(makePin("123456")).has_value());
  memory_->instructions.clear();
  EXPECT_TRUE(application->logOut().has_value());
  EXPECT_EQ(memory_->instructions, (Instructions{kVerify}));
  EXPECT_EQ(application->readPrintedInformation().error().code, ErrorCode::NotLoggedIn);
  EXPECT_EQ(application->pinStatus()->triesLeft, 3U);
}

TEST_F(CardTest, ChangesAndUnblocks) {
  insert();
  const auto application = begin();
  const auto puk = [](std::string_view text) {
    Bytes bytes(text.begin(), text.end());
    return std::move(*Puk::take(bytes));
  };
  EXPECT_EQ(application->changePin(makePin("654321"), makePin("246810")).error().triesLeft, 2U);
  EXPECT_TRUE(application->changePin(makePin("123456"), makePin("246810")).has_value());
  EXPECT_TRUE(application->verifyPin(makePin("246810")).has_value());
  EXPECT_EQ(application->unblockPin(puk("00000000"), makePin("135791")).error().triesLeft, 2U);
  EXPECT_TRUE(application->changePuk(puk("12345678"), puk("ABCDEFGH")).has_value());
  EXPECT_TRUE(application->unblockPin(puk("ABCDEFGH"), makePin("135791")).has_value());
  EXPECT_TRUE(application->verifyPin(makePin("135791")).has_value());
}

TEST_F(CardTest, AfterAResetItSelectsAndComparesBeforeAnythingElse) {
  insert();
  memory_->losePower();
  readers_->resetCard();
  const auto application = begin();
  EXPECT_EQ(memory_->instructions, (Instructions{kSelect, kGetData}));
  EXPECT_TRUE(application->verifyPin(makePin("123456")).has_value());
}

TEST_F(CardTest, AfterAResetAnotherCardNeverSeesThePin) {
  insert();
  memory_ = testing::personalisedCard(KeyAlgorithm::EcP256, "CD12345678901234");
  readers_->resetCard();
  EXPECT_EQ(card_->begin().error().code, ErrorCode::CardRemoved);
  EXPECT_EQ(memory_->instructions, (Instructions{kSelect, kGetData}));
  // and it stays so, although the reset was told only once
  EXPECT_EQ(card_->begin().error().code, ErrorCode::CardRemoved);
}

TEST_F(CardTest, ATakenOutCardIsSpentAlsoWhenItComesBack) {
  insert();
  readers_->removeCard();
  EXPECT_EQ(card_->begin().error().code, ErrorCode::CardRemoved);
  readers_->insertCard();
  EXPECT_EQ(card_->begin().error().code, ErrorCode::CardRemoved);
  EXPECT_TRUE(openAnyCard(*readers_).has_value());
}

TEST_F(CardTest, WhenAnotherProgramSelectedAnotherApplicationItFindsBack) {
  insert();
  memory_->deselect();
  {
    const auto application = begin();
    EXPECT_TRUE(application->verifyPin(makePin("123456")).has_value());
    EXPECT_TRUE(
        application->sign(KeyRole::Signature, KeyAlgorithm::EcP256, Bytes(32, 1)).has_value());
  }
  EXPECT_EQ(memory_->instructions,
            (Instructions{kVerify, kGetData, kSelect, kGetData, kVerify, kGeneralAuthenticate}));
}

TEST_F(CardTest, AMissingCertificateIsAskedForOnceAndBelievedFromOurApplicationOnly) {
  insert();
  memory_->objects.erase(0x5FC10B);
  const auto application = begin();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(application->readCertificate(KeyRole::KeyManagement).error().code,
              ErrorCode::ObjectNotFound);
    EXPECT_EQ(memory_->instructions, (Instructions{kGetData, kGetData}));
  }
}

TEST_F(CardTest, ACertificateIsReadOnceForAsLongAsTheCardIsOpen) {
  insert();
  const auto first = begin()->readCertificate(KeyRole::Signature);
  memory_->instructions.clear();
  EXPECT_EQ(*begin()->readCertificate(KeyRole::Signature), *first);
  EXPECT_TRUE(memory_->instructions.empty());
}

TEST_F(CardTest, AWrongPinIsNeverSentASecondTime) {
  insert();
  EXPECT_EQ(begin()->verifyPin(makePin("999999")).error().triesLeft, 2U);
  EXPECT_EQ(memory_->instructions, (Instructions{kVerify, kGetData}));
}

TEST_F(CardTest, WhenAnotherCardAnswersUnsurelyThePinIsNotRepeated) {
  insert();
  memory_ = testing::personalisedCard(KeyAlgorithm::EcP256, "CD12345678901234");
  EXPECT_EQ(begin()->verifyPin(makePin("123456")).error().code, ErrorCode::CardRemoved);
  EXPECT_EQ(memory_->instructions, (Instructions{kVerify, kGetData, kSelect, kGetData}));
}

TEST_F(CardTest, TheConnectionOutlivesTheCardObjectWhileAnApplicationIsOpen) {
  insert();
  const auto application = begin();
  card_.reset();
  EXPECT_TRUE(application->verifyPin(makePin("123456")).has_value());
  EXPECT_TRUE(readers_->inTransaction());
}

TEST(OpenAnyCard, SaysWhatIsMissing) {
  FunctionReaders empty([](ByteView) { return wire::ResponseApdu{}; });
  empty.removeCard();
  EXPECT_EQ(openAnyCard(empty).error().code, ErrorCode::NoCard);
  EXPECT_EQ(openAnyCard(empty, "Other").error().code, ErrorCode::NoReader);

  FunctionReaders other([](ByteView) { return wire::ResponseApdu{.status = wire::sw::kNotFound}; });
  EXPECT_EQ(openAnyCard(other).error().code, ErrorCode::UnknownCard);
}

TEST(OpenCard, ABlankCardIsUnknown) {
  MemoryCard blank;
  FunctionReaders readers([&](ByteView command) { return blank.process(command); });
  EXPECT_EQ(openAnyCard(readers).error().code, ErrorCode::UnknownCard);
}

}  // namespace
}  // namespace fncard::card
