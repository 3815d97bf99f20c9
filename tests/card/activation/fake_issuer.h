// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "card/activation/activation.h"
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
class FakeIssuer final : public Issuer {
 public:
  explicit FakeIssuer(testing::MemoryCard& card);

  IssuerResult<Begun> begin(const Application& application, const std::string& cardNumber) override;
  IssuerResult<Pin> release(const std::string& transaction, ByteView signature) override;
  IssuerResult<void> commit(const std::string& transaction, ByteView receipt,
                            ByteView signature) override;
  IssuerResult<TransactionState> state(const std::string& transaction) override;
  IssuerResult<void> reportTamper(const std::string& transaction,
                                  const std::string& cardNumber) override;

  Cut* cut = nullptr;
  TransactionState current = TransactionState::Begun;
  Begun answer;
  std::string receipt;  ///< of the last commit
  int commits = 0;
  int tamperReports = 0;
  bool silent = false;  ///< state() and reportTamper() do not get through

 private:
  [[nodiscard]] Cut::Where next() const;
  Bytes proofMessage() const;

  EVP_PKEY* cardAuthenticationKey_;
  EVP_PKEY* signatureKey_;
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

/// Card, reader, issuer and person of one test.
class Scene {
 public:
  explicit Scene(KeyAlgorithm algorithm = KeyAlgorithm::EcP256);

  tl::expected<Outcome, Failure> activate();
  [[nodiscard]] bool holdsPersonsPin() const;

  Cut cut;
  std::unique_ptr<testing::MemoryCard> card;
  testing::FunctionReaders readers;
  FakeIssuer issuer;
  FakePerson person;
};

}  // namespace fncard::card::activation
