// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operations.h"

#include <gmock/gmock.h>

#include "card/signature_input.h"
#include "tests/agent/operations/raw_signature_check.h"
#include "tests/agent/operations/scripted_person.h"
#include "tests/card/support/function_readers.h"
#include "trust/signed_message.h"

namespace fncard::agent::operations {
namespace {

using card::KeyAlgorithm;
using card::testing::FunctionReaders;
using card::testing::MemoryCard;
using Person = ScriptedPerson;

constexpr const char* kOrigin = "https://portal.example";
constexpr const char* kPin = "123456";
constexpr const char* kWrongPin = "654321";
constexpr std::uint8_t kSignatureKey = 0x9C;
const std::string kNonce(44, 'n');

Request requestOf(decltype(Request::action) action) {
  return {.origin = Origin::parse(kOrigin).value(), .action = std::move(action)};
}

Request signIn() {
  return requestOf(Authenticate{kNonce});
}

Bytes bytesOf(const std::string& text) {
  return {text.begin(), text.end()};
}

class TheOperations : public ::testing::Test {
 protected:
  void insert(KeyAlgorithm algorithm = KeyAlgorithm::EcP256) {
    memory = card::testing::personalisedCard(algorithm);
  }
  Result<Answer> run(const Request& request, ScriptedPerson& person) {
    return Operations(readers, person).run(request, stop.get_token());
  }
  Result<Answer> run(const Request& request, std::vector<ScriptedPerson::Reply> replies) {
    ScriptedPerson person(std::move(replies));
    auto answer = run(request, person);
    asked = person.asked;
    return answer;
  }
  [[nodiscard]] EVP_PKEY* key() const { return memory->keys[kSignatureKey].get(); }

  std::unique_ptr<MemoryCard> memory = card::testing::personalisedCard(KeyAlgorithm::EcP256);
  FunctionReaders readers{[this](ByteView command) { return memory->process(command); }};
  std::stop_source stop;
  std::vector<Question> asked;
};

TEST_F(TheOperations, SignInWithEachKindOfKey) {
  const std::pair<KeyAlgorithm, card::Hash> kinds[] = {{KeyAlgorithm::Rsa2048, card::Hash::Sha256},
                                                       {KeyAlgorithm::EcP256, card::Hash::Sha256},
                                                       {KeyAlgorithm::EcP384, card::Hash::Sha384}};
  for (const auto& [algorithm, hash] : kinds) {
    insert(algorithm);
    const auto answer = run(signIn(), {Person::types(kPin)});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->key, algorithm);
    EXPECT_EQ(answer->hash, hash);
    Bytes both = card::digestOf(hash, bytesOf(kOrigin));
    const Bytes ofNonce = card::digestOf(hash, bytesOf(kNonce));
    both.insert(both.end(), ofNonce.begin(), ofNonce.end());
    EXPECT_TRUE(verifiesRaw(key(), hash, both, answer->signature));
  }
}

TEST_F(TheOperations, TellThePersonWhoAsksWhatForAndWithWhichCard) {
  ASSERT_TRUE(run(signIn(), {Person::types(kPin)}));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].origin, kOrigin);
  EXPECT_EQ(asked[0].purpose, Purpose::Authentication);
  EXPECT_EQ(asked[0].cardNumber, "AB12345678901234");
  EXPECT_FALSE(asked[0].holder.empty());
  EXPECT_EQ(asked[0].triesLeft, 3U);
  EXPECT_FALSE(asked[0].wrongPinBefore);
  EXPECT_TRUE(asked[0].wantsPin());
}

TEST_F(TheOperations, ShowTheCertificateAfterConsentAndWithoutAPin) {
  const auto answer = run(requestOf(ShareCertificate{}), {Person::goesOn()});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->certificate.empty());
  EXPECT_TRUE(answer->signature.empty());
  EXPECT_FALSE(asked.at(0).wantsPin());
  EXPECT_EQ(memory->pinCommands, 0U);
}

TEST_F(TheOperations, SignAHashWithTheCertificateThatTheSiteNames) {
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256}) {
    insert(algorithm);
    const auto shared = run(requestOf(ShareCertificate{}), {Person::goesOn()});
    for (const auto hash : {card::Hash::Sha256, card::Hash::Sha384, card::Hash::Sha512}) {
      const Bytes document = bytesOf("a document");
      const auto answer = run(requestOf(SignHash{.hash = card::digestOf(hash, document),
                                                 .function = hash,
                                                 .certificate = shared->certificate}),
                              {Person::types(kPin)});
      ASSERT_TRUE(answer);
      EXPECT_TRUE(verifiesRaw(key(), hash, document, answer->signature));
      EXPECT_EQ(asked.at(0).fingerprint.size(), 2 * card::digestSize(hash));
    }
  }
}

TEST_F(TheOperations, SignADocumentWithAMessageThatARelyingPartyReads) {
  for (const auto algorithm : {KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP384}) {
    insert(algorithm);
    const Bytes document = bytesOf("a document");
    const auto answer =
        run(requestOf(SignDocument{.name = "lease.pdf", .sha256 = card::sha256(document)}),
            {Person::types(kWrongPin), Person::types(kPin)});
    ASSERT_TRUE(answer);
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].document, "lease.pdf");
    EXPECT_EQ(asked[0].purpose, Purpose::Signature);
    const auto message = trust::SignedMessage::read(answer->signature, document);
    ASSERT_TRUE(message) << message.error().detail;
    ASSERT_EQ(message->signers.size(), 1U);
    EXPECT_TRUE(message->signers[0].signature);
    EXPECT_TRUE(message->signers[0].signingTime);
    EXPECT_EQ(message->signers[0].certificate->der, answer->certificate);
    const auto other = trust::SignedMessage::read(answer->signature, bytesOf("another"));
    EXPECT_FALSE(other->signers[0].signature);
    EXPECT_FALSE(trust::SignedMessage::read(answer->signature)) << "the content is not in it";
  }
}

TEST_F(TheOperations, SignNothingWithACertificateThatIsNotOnTheCard) {
  const auto answer = run(requestOf(SignHash{.hash = Bytes(32), .certificate = bytesOf("another")}),
                          {Person::goesOn(), Person::cancels()});
  EXPECT_EQ(answer.error(), Refusal::Cancelled);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].problem, "agent.other-certificate");
  EXPECT_TRUE(asked[0].holder.empty());
  EXPECT_EQ(memory->pinCommands, 0U);
}

TEST_F(TheOperations, AskAgainAfterAWrongPinAndSayHowManyTriesAreLeft) {
  EXPECT_TRUE(run(signIn(), {Person::types(kWrongPin), Person::types(kPin)}));
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_TRUE(asked[1].wrongPinBefore);
  EXPECT_EQ(asked[1].triesLeft, 2U);
  EXPECT_EQ(memory->pinTries, 3U);
}

TEST_F(TheOperations, LeaveTheLastTryToAQuestionThatSaysSo) {
  memory->pinTries = 2;
  ScriptedPerson person({[this]() -> Result<Consent> {
                           memory->pinTries = 1;  // another program, meanwhile
                           return Person::types(kWrongPin)();
                         },
                         Person::cancels()});
  EXPECT_EQ(run(signIn(), person).error(), Refusal::Cancelled);
  EXPECT_EQ(memory->pinTries, 1U) << "the PIN was not sent";
  ASSERT_EQ(person.asked.size(), 2U);
  EXPECT_EQ(person.asked[1].triesLeft, 1U);
  EXPECT_FALSE(person.asked[1].wrongPinBefore);
}

TEST_F(TheOperations, SayThatTheCardIsLockedToThePersonAlone) {
  memory->pinTries = 1;
  const auto answer =
      run(signIn(), {Person::types(kWrongPin), Person::goesOn(), Person::cancels()});
  EXPECT_EQ(answer.error(), Refusal::Cancelled);
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[1].problem, "card.pin-blocked");
  EXPECT_EQ(asked[2].problem, "card.pin-blocked");
  EXPECT_FALSE(asked[2].wantsPin());
}

TEST_F(TheOperations, WaitForACardThatIsNotThere) {
  readers.removeCard();
  ScriptedPerson person({[this]() -> Result<Consent> {
                           readers.insertCard();
                           return Consent{};
                         },
                         Person::types(kPin)});
  EXPECT_TRUE(run(signIn(), person));
  EXPECT_EQ(person.asked.at(0).problem, "card.no-card");
  EXPECT_TRUE(person.asked.at(1).problem.empty());
}

TEST_F(TheOperations, GoOnWhenTheCardWasPulledWhileThePersonThought) {
  ScriptedPerson person({[this]() -> Result<Consent> {
                           readers.removeCard();
                           return Person::types(kPin)();
                         },
                         [this]() -> Result<Consent> {
                           readers.insertCard();
                           return Consent{};
                         },
                         Person::types(kPin)});
  EXPECT_TRUE(run(signIn(), person));
  ASSERT_EQ(person.asked.size(), 3U);
  EXPECT_EQ(person.asked[1].problem, "card.card-removed");
}

TEST_F(TheOperations, TellAPageNothingOfTheCardBeforeConsent) {
  const auto blocked = [](MemoryCard& card) { card.pinTries = 0; };
  const auto bare = [](MemoryCard& card) { card.objects.clear(); };
  const auto asItIs = [](MemoryCard&) {};
  for (const std::function<void(MemoryCard&)>& change :
       std::vector<std::function<void(MemoryCard&)>>{blocked, bare, asItIs}) {
    insert();
    change(*memory);
    EXPECT_EQ(run(signIn(), {Person::cancels()}).error(), Refusal::Cancelled);
    EXPECT_EQ(asked.size(), 1U);
    EXPECT_EQ(memory->pinCommands, 0U);
  }
  readers.removeCard();
  EXPECT_EQ(run(signIn(), {Person::cancels()}).error(), Refusal::Cancelled);
}

TEST_F(TheOperations, NameACardThatIsNotFinishedOrNotOurs) {
  constexpr std::uint32_t kSignatureCertificate = 0x5FC10A;
  memory->objects.erase(kSignatureCertificate);
  (void)run(signIn(), {Person::cancels()});
  EXPECT_EQ(asked.at(0).problem, "card.object-not-found");
  memory->objects.clear();
  (void)run(signIn(), {Person::cancels()});
  EXPECT_EQ(asked.at(0).problem, "card.unknown-card");
}

TEST_F(TheOperations, HoldNoTransactionWhileThePersonThinks) {
  ScriptedPerson person({[this]() -> Result<Consent> {
    EXPECT_FALSE(readers.inTransaction());
    return Person::types(kPin)();
  }});
  EXPECT_TRUE(run(signIn(), person));
}

TEST_F(TheOperations, AskNothingOnceTheAskerIsGone) {
  stop.request_stop();
  EXPECT_EQ(run(signIn(), {Person::types(kPin)}).error(), Refusal::Cancelled);
  EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace fncard::agent::operations
