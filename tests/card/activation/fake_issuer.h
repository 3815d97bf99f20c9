// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "card/activation/activation.h"
#include "card/activation/unblocking.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card::activation {

/// Where a run is cut: at the nth exchange with the card or call of the issuer, before or after it
/// had its effect.
struct Cut {
  enum class Where { Nowhere, Before, After };
  int at = -1;
  Where where = Where::Nowhere;
  int passed = 0;

  Where next() { return passed++ == at ? where : Where::Nowhere; }
};

inline constexpr std::string_view kTransportPin = "48275163";
inline constexpr std::string_view kPersonsPin = "93571428";
inline constexpr std::string_view kCardNumber = "AB12345678901234";

/// The issuer of docs/activation.md in memory, which checks what it is sent.
class FakeTransactions {
 public:
  FakeTransactions(testing::MemoryCard& card, std::string_view proofPurpose);

  Cut* cut = nullptr;
  TransactionState current = TransactionState::Begun;
  Begun answer;
  std::string receipt;  ///< of the last commit
  int commits = 0;
  bool silent = false;  ///< questions and reports do not get through

 protected:
  IssuerResult<Begun> beginCard(const Application& application, const std::string& cardNumber);
  IssuerResult<void> releaseFor(const std::string& transaction, ByteView signature);
  IssuerResult<void> commitReceipt(const std::string& transaction, ByteView receipt,
                                   ByteView signature);
  IssuerResult<TransactionState> stateNow();
  IssuerResult<void> stopCard(const std::string& cardNumber);

 private:
  [[nodiscard]] Cut::Where next() const;
  [[nodiscard]] Bytes proofMessage() const;

  std::string_view proofPurpose_;
  EVP_PKEY* cardAuthenticationKey_;
  EVP_PKEY* signatureKey_;
};

template <typename Interface>
class FakeTransactionIssuer : public Interface, public FakeTransactions {
 public:
  using FakeTransactions::FakeTransactions;
  IssuerResult<Begun> begin(const Application& application,
                            const std::string& cardNumber) override {
    return beginCard(application, cardNumber);
  }
  IssuerResult<void> commit(const std::string& transaction, ByteView bytes,
                            ByteView signature) override {
    return commitReceipt(transaction, bytes, signature);
  }
  IssuerResult<TransactionState> state(const std::string&) override { return stateNow(); }
};

class FakeIssuer final : public FakeTransactionIssuer<Issuer> {
 public:
  explicit FakeIssuer(testing::MemoryCard& card)
      : FakeTransactionIssuer(card, "fncard activation 1") {}

  IssuerResult<Pin> release(const std::string& transaction, ByteView signature) override;
  IssuerResult<void> reportTamper(const std::string& transaction,
                                  const std::string& cardNumber) override;

  int tamperReports = 0;
};

inline constexpr std::string_view kPuk = "59301746";
inline constexpr std::string_view kNextPuk = "20864153";

class FakeUnblockingIssuer final : public FakeTransactionIssuer<UnblockingIssuer> {
 public:
  explicit FakeUnblockingIssuer(testing::MemoryCard& card)
      : FakeTransactionIssuer(card, "fncard unblocking 1") {}

  IssuerResult<Puks> release(const std::string& transaction, ByteView signature) override;
  IssuerResult<void> reportRefused(const std::string& transaction,
                                   const std::string& cardNumber) override;

  unsigned releases = 0;
  int refusals = 0;
};

/// The person, who always types the same PIN.
class FakePerson final : public Person {
 public:
  explicit FakePerson(testing::FunctionReaders& readers) : readers_(readers) {}

  void progress(Step step) override { steps.push_back(step); }
  Result<Pin> newPin(const std::string& birthDate) override;
  Result<Pin> pinSetBefore() override;

  std::string pin{kPersonsPin};
  std::string remembered{kPersonsPin};  ///< empty: none was chosen
  bool cancels = false;
  int newPins = 0;
  int pinsSetBefore = 0;
  std::vector<Step> steps;

 private:
  testing::FunctionReaders& readers_;
};

/// Card, reader and person of one test; any exchange may be cut.
class CardScene {
 public:
  explicit CardScene(KeyAlgorithm algorithm);

  [[nodiscard]] bool holdsPersonsPin() const;

  Cut cut;
  std::unique_ptr<testing::MemoryCard> card;
  testing::FunctionReaders readers;
  FakePerson person;

 protected:
  void insertAgain();
};

/// With the issuer that activates it.
class Scene : public CardScene {
 public:
  explicit Scene(KeyAlgorithm algorithm = KeyAlgorithm::EcP256);

  tl::expected<Outcome, Failure> activate();

  FakeIssuer issuer;
};

/// A blocked card, with the issuer that unblocks it.
class UnblockingScene : public CardScene {
 public:
  explicit UnblockingScene(KeyAlgorithm algorithm = KeyAlgorithm::EcP256);

  tl::expected<CardIdentity, Failure> unblock();
  [[nodiscard]] bool hasPuk(std::string_view puk) const;

  FakeUnblockingIssuer issuer;
};

}  // namespace fncard::card::activation
