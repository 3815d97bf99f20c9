// SPDX-License-Identifier: Apache-2.0
#include "tests/card/activation/fake_issuer.h"

#include <gtest/gtest.h>

#include "card/signature_input.h"

namespace fncard::card::activation {
namespace {

constexpr const char* kTransaction = "4f3c2b1a-transaction";
constexpr const char* kReader = "Test Reader 00 00";

Application application() {
  Bytes code{'u', 's', 'e', 'r'};
  return {.permitNumber = "A800000014", .userCode = SecretBytes::take(code)};
}

std::chrono::system_clock::time_point clockOfTests() {
  return std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800));
}

tl::unexpected<IssuerError> unreachable() {
  return tl::unexpected(IssuerError{.code = "net.connection-lost", .transient = true});
}

tl::unexpected<IssuerError> refused(std::string code) {
  return tl::unexpected(IssuerError{.code = std::move(code), .message = "sentence"});
}

}  // namespace

FakeTransactions::FakeTransactions(testing::MemoryCard& card, std::string_view proofPurpose)
    : answer{.transaction = kTransaction, .nonce = Bytes(32, 0x11), .birthDate = "1990-12-31"},
      proofPurpose_(proofPurpose),
      cardAuthenticationKey_(card.keys[0x9E].get()),
      signatureKey_(card.keys[0x9C].get()) {}

Cut::Where FakeTransactions::next() const {
  return cut != nullptr ? cut->next() : Cut::Where::Nowhere;
}

IssuerResult<Begun> FakeTransactions::beginCard(const Application& application,
                                                const std::string& cardNumber) {
  EXPECT_FALSE(application.userCode.empty());
  EXPECT_EQ(cardNumber, kCardNumber);
  const auto where = next();
  if (where != Cut::Where::Nowhere) {
    return unreachable();
  }
  answer.state = current;
  return answer;
}

Bytes FakeTransactions::proofMessage() const {
  Bytes message(proofPurpose_.begin(), proofPurpose_.end());
  message.insert(message.end(), answer.transaction.begin(), answer.transaction.end());
  message.insert(message.end(), answer.nonce.begin(), answer.nonce.end());
  message.insert(message.end(), kCardNumber.begin(), kCardNumber.end());
  return message;
}

IssuerResult<void> FakeTransactions::releaseFor(const std::string& transaction,
                                                ByteView signature) {
  EXPECT_EQ(transaction, kTransaction);
  const auto where = next();
  if (where == Cut::Where::Before) {
    return unreachable();
  }
  if (!testing::verifySha256(cardAuthenticationKey_, proofMessage(), signature)) {
    return refused("test.proof-wrong");
  }
  current = TransactionState::Released;
  if (where == Cut::Where::After) {
    return unreachable();
  }
  return {};
}

IssuerResult<void> FakeTransactions::commitReceipt(const std::string& transaction, ByteView bytes,
                                                   ByteView signature) {
  EXPECT_EQ(transaction, kTransaction);
  const auto where = next();
  if (where == Cut::Where::Before) {
    return unreachable();
  }
  receipt.assign(bytes.begin(), bytes.end());
  ++commits;
  if (current == TransactionState::Begun ||
      !testing::verifySha256(signatureKey_, bytes, signature)) {
    return refused("test.receipt-wrong");
  }
  current = TransactionState::Done;
  if (where == Cut::Where::After) {
    return unreachable();
  }
  return {};
}

IssuerResult<TransactionState> FakeTransactions::stateNow() {
  if (silent || next() != Cut::Where::Nowhere) {
    return unreachable();
  }
  return current;
}

IssuerResult<void> FakeTransactions::stopCard(const std::string& cardNumber) {
  EXPECT_EQ(cardNumber, kCardNumber);
  if (silent) {
    return unreachable();
  }
  current = TransactionState::Refused;
  return {};
}

IssuerResult<Pin> FakeIssuer::release(const std::string& transaction, ByteView signature) {
  if (const auto released = releaseFor(transaction, signature); !released) {
    return tl::unexpected(released.error());
  }
  return testing::makePin(std::string(kTransportPin));
}

IssuerResult<void> FakeIssuer::reportTamper(const std::string&, const std::string& cardNumber) {
  const auto stopped = stopCard(cardNumber);
  tamperReports += stopped ? 1 : 0;
  return stopped;
}

IssuerResult<Puks> FakeUnblockingIssuer::release(const std::string& transaction,
                                                 ByteView signature) {
  const auto released = releaseFor(transaction, signature);
  releases += current == TransactionState::Released ? 1 : 0;  // also when the answer is lost
  if (!released) {
    return tl::unexpected(released.error());
  }
  const auto puk = [](std::string_view digits) {
    Bytes bytes(digits.begin(), digits.end());
    return *Puk::take(bytes);
  };
  return Puks{.current = puk(kPuk), .next = puk(kNextPuk), .attempt = releases};
}

IssuerResult<void> FakeUnblockingIssuer::reportRefused(const std::string&,
                                                       const std::string& cardNumber) {
  const auto stopped = stopCard(cardNumber);
  refusals += stopped ? 1 : 0;
  return stopped;
}

Result<Pin> FakePerson::newPin(const std::string& birthDate) {
  EXPECT_EQ(birthDate, "1990-12-31");
  EXPECT_FALSE(readers_.inTransaction()) << "the card is held while the person types";
  ++newPins;
  if (cancels) {
    return failed(ErrorCode::Cancelled, "test");
  }
  return testing::makePin(pin);
}

Result<Pin> FakePerson::pinSetBefore() {
  EXPECT_FALSE(readers_.inTransaction()) << "the card is held while the person types";
  ++pinsSetBefore;
  if (remembered.empty()) {
    return failed(ErrorCode::ObjectNotFound, "test");
  }
  return testing::makePin(remembered);
}

CardScene::CardScene(KeyAlgorithm algorithm)
    : card(testing::personalisedCard(algorithm, std::string(kCardNumber))),
      readers([this](ByteView command) -> Result<wire::ResponseApdu> {
        const auto where = cut.next();
        if (where == Cut::Where::Nowhere) {
          return card->process(command);
        }
        if (where == Cut::Where::After) {
          static_cast<void>(card->process(command));
        }
        card->losePower();
        readers.removeCard();
        return failed(ErrorCode::CardRemoved, "cut");
      }),
      person(readers) {}

void CardScene::insertAgain() {
  readers.insertCard();
  card->losePower();
}

bool CardScene::holdsPersonsPin() const {
  return card->pin == testing::padded(kPersonsPin);
}

Scene::Scene(KeyAlgorithm algorithm) : CardScene(algorithm), issuer(*card) {
  card->pin = testing::padded(kTransportPin);
  issuer.cut = &cut;
}

tl::expected<Outcome, Failure> Scene::activate() {
  insertAgain();
  return activation::activate(readers, kReader, application(), issuer, person, clockOfTests);
}

UnblockingScene::UnblockingScene(KeyAlgorithm algorithm) : CardScene(algorithm), issuer(*card) {
  card->pin = testing::padded("55555555");
  card->pinTries = 0;
  card->puk.assign(kPuk.begin(), kPuk.end());
  issuer.cut = &cut;
}

tl::expected<CardIdentity, Failure> UnblockingScene::unblock() {
  insertAgain();
  return activation::unblock(readers, kReader, application(), issuer, person, clockOfTests);
}

bool UnblockingScene::hasPuk(std::string_view puk) const {
  return card->puk == Bytes(puk.begin(), puk.end());
}

}  // namespace fncard::card::activation
