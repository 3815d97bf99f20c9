// SPDX-License-Identifier: Apache-2.0
#include "tests/card/activation/fake_issuer.h"

#include <gtest/gtest.h>

#include "card/signature_input.h"

namespace fncard::card::activation {
namespace {

constexpr const char* kTransaction = "4f3c2b1a-transaction";

tl::unexpected<IssuerError> unreachable() {
  return tl::unexpected(IssuerError{.code = "net.connection-lost", .transient = true});
}

tl::unexpected<IssuerError> refused(std::string code) {
  return tl::unexpected(IssuerError{.code = std::move(code), .message = "sentence"});
}

}  // namespace

FakeIssuer::FakeIssuer(testing::MemoryCard& card)
    : answer{.transaction = kTransaction, .nonce = Bytes(32, 0x11), .birthDate = "1990-12-31"},
      cardAuthenticationKey_(card.keys[0x9E].get()),
      signatureKey_(card.keys[0x9C].get()) {}

Cut::Where FakeIssuer::next() const {
  return cut != nullptr ? cut->next() : Cut::Where::Nowhere;
}

IssuerResult<Begun> FakeIssuer::begin(const Application& application,
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

Bytes FakeIssuer::proofMessage() const {
  const std::string label = "fncard activation 1";
  Bytes message(label.begin(), label.end());
  message.insert(message.end(), answer.transaction.begin(), answer.transaction.end());
  message.insert(message.end(), answer.nonce.begin(), answer.nonce.end());
  message.insert(message.end(), kCardNumber.begin(), kCardNumber.end());
  return message;
}

IssuerResult<Pin> FakeIssuer::release(const std::string& transaction, ByteView signature) {
  EXPECT_EQ(transaction, kTransaction);
  const auto where = next();
  if (where == Cut::Where::Before) {
    return unreachable();
  }
  if (!testing::verifySha256(cardAuthenticationKey_, proofMessage(), signature)) {
    return refused("activation.proof-wrong");
  }
  current = TransactionState::Released;
  if (where == Cut::Where::After) {
    return unreachable();
  }
  return testing::makePin(std::string(kTransportPin));
}

IssuerResult<void> FakeIssuer::commit(const std::string& transaction, ByteView bytes,
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
    return refused("activation.receipt-wrong");
  }
  current = TransactionState::Active;
  if (where == Cut::Where::After) {
    return unreachable();
  }
  return {};
}

IssuerResult<TransactionState> FakeIssuer::state(const std::string&) {
  if (silent || next() != Cut::Where::Nowhere) {
    return unreachable();
  }
  return current;
}

IssuerResult<void> FakeIssuer::reportTamper(const std::string&, const std::string& cardNumber) {
  EXPECT_EQ(cardNumber, kCardNumber);
  if (silent) {
    return unreachable();
  }
  ++tamperReports;
  current = TransactionState::Refused;
  return {};
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

Scene::Scene(KeyAlgorithm algorithm)
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
      issuer(*card),
      person(readers) {
  card->pin = testing::padded(kTransportPin);
  issuer.cut = &cut;
}

tl::expected<Outcome, Failure> Scene::activate() {
  readers.insertCard();
  card->losePower();
  Bytes code{'u', 's', 'e', 'r'};
  const Application application{.permitNumber = "A800000014", .userCode = SecretBytes::take(code)};
  return activation::activate(readers, "Test Reader 00 00", application, issuer, person, [] {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800));
  });
}

bool Scene::holdsPersonsPin() const {
  return card->pin == testing::padded(kPersonsPin);
}

}  // namespace fncard::card::activation
