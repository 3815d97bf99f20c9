// SPDX-License-Identifier: Apache-2.0
// What the module asks the card, command by command.
#include "tests/card/cache/temporary_cache.h"
#include "tests/pkcs11/scripted_module_test.h"

namespace fncard::test {
namespace {

using testing::Ge;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kGeneralAuthenticate = 0x87;
constexpr std::uint8_t kGetResponse = 0xC0;

struct Cost {
  card::KeyAlgorithm algorithm;
  bool extended;
  std::size_t list;
  std::size_t sign;
};

class CardEdge : public ScriptedModuleTest {
 protected:
  void put(card::KeyAlgorithm algorithm, bool extended = true) {
    cardState = card::testing::personalisedCard(algorithm);
    cardState->extendedLength = extended;
    rsa = card::isRsa(algorithm);
  }
  void list() {
    ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
    commands.clear();
    session = open();
    EXPECT_THAT(findAll(session), SizeIs(Ge(7U)));
  }
  CK_RV sign() {
    const CK_RV begun = beginSignature();
    if (begun != CKR_OK) {
      return begun;
    }
    const CK_RV given = login(session, "123456", CKU_CONTEXT_SPECIFIC);
    return given == CKR_OK ? finishSignature() : given;
  }
};

class Costs : public CardEdge, public testing::WithParamInterface<Cost> {};

TEST_P(Costs, areThoseOfTheTable) {
  const card::testing::TemporaryCache cache;
  put(GetParam().algorithm, GetParam().extended);
  list();
  EXPECT_LE(commands.size(), GetParam().list) << "cold";
  ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  list();
  EXPECT_LE(commands.size(), 3U) << "cached";
  commands.clear();
  ASSERT_EQ(login(session), CKR_OK);
  EXPECT_THAT(commands, SizeIs(1)) << "login";
  for (int i = 0; i < 2; ++i) {
    commands.clear();
    ASSERT_EQ(sign(), CKR_OK);
    EXPECT_THAT(commands, SizeIs(GetParam().sign));
  }
}

INSTANTIATE_TEST_SUITE_P(Cards, Costs,
                         testing::Values(Cost{card::KeyAlgorithm::Rsa2048, false, 16, 4},
                                         Cost{card::KeyAlgorithm::Rsa2048, true, 4, 2},
                                         Cost{card::KeyAlgorithm::EcP256, false, 16, 2},
                                         Cost{card::KeyAlgorithm::EcP256, true, 4, 2}),
                         [](const auto& test) {
                           return std::string(card::isRsa(test.param.algorithm) ? "rsa" : "ec") +
                                  (test.param.extended ? "Extended" : "Short");
                         });

TEST_F(CardEdge, nothingComesBetweenThePinAndTheSignature) {
  for (const bool extended : {true, false}) {
    put(card::KeyAlgorithm::Rsa2048, extended);
    list();
    ASSERT_EQ(login(session), CKR_OK);
    commands.clear();
    ASSERT_EQ(sign(), CKR_OK);
    ASSERT_FALSE(commands.empty());
    EXPECT_EQ(commands.front()[1], kVerify);
    for (std::size_t i = 1; i < commands.size(); ++i) {
      EXPECT_TRUE(commands[i][1] == kGeneralAuthenticate || commands[i][1] == kGetResponse);
    }
    ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  }
}

/// CVE-2023-40660.
TEST_F(CardEdge, aPinThatAnotherProgramGaveLogsNobodyInHere) {
  list();
  cardState->verifyByAnother(card::testing::padded("123456"));
  commands.clear();
  EXPECT_EQ(state(session), CKS_RO_PUBLIC_SESSION);
  EXPECT_EQ(findOne(session, CKO_PRIVATE_KEY, kEncryptionId), CK_INVALID_HANDLE);
  EXPECT_EQ(sign(), CKR_KEY_HANDLE_INVALID);
  EXPECT_EQ(login(session, "", CKU_USER), CKR_PIN_LEN_RANGE);
  EXPECT_EQ(login(session, "999999"), CKR_PIN_INCORRECT);
  EXPECT_EQ(state(session), CKS_RO_PUBLIC_SESSION);
}

TEST_F(CardEdge, whatIsKnownIsNotAskedAgain) {
  list();
  commands.clear();
  CK_ULONG count = 0;
  CK_SLOT_INFO slot;
  EXPECT_EQ(p11->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
  EXPECT_EQ(p11->C_GetSlotInfo(0, &slot), CKR_OK);
  tokenFlags();
  state(session);
  findAll(session);
  EXPECT_THAT(commands, IsEmpty());
}

/// A hiccup while the card is first asked: told as what it is, and over when the card is well.
TEST_F(CardEdge, aFailureOfTheFirstCommandsIsNotTheLastWord) {
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  for (const std::uint8_t instruction : Bytes{0xA4, 0xCB}) {
    for (const Bytes& answer : {Bytes{0x6F, 0x00}, Bytes{0x69, 0x82}, Bytes{0x69, 0x83},
                                Bytes{0x63, 0xC0}, Bytes{0x63, 0xC1}}) {
      faults.emplace(instruction, answer);
      EXPECT_EQ(p11->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session),
                CKR_DEVICE_ERROR)
          << wire::toHex(answer);
    }
  }
  session = open();
  EXPECT_THAT(findAll(session), SizeIs(7U));
}

/// What only VERIFY can say is not taken for its answer after other commands.
TEST_F(CardEdge, statusWordsOfAPinAreNotTakenForItsOwnAfterAnotherCommand) {
  list();
  ASSERT_EQ(login(session), CKR_OK);
  for (const Bytes& answer : {Bytes{0x63, 0xC1}, Bytes{0x63, 0xC0}, Bytes{0x69, 0x83}}) {
    faults.emplace(kGeneralAuthenticate, answer);
    EXPECT_EQ(sign(), CKR_DEVICE_ERROR) << wire::toHex(answer);
  }
  EXPECT_EQ(sign(), CKR_OK);
  EXPECT_EQ(tokenFlags() & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED), 0U);
}

/// Whatever stands in the cache file, the card is read instead.
TEST_F(CardEdge, aHostileCacheFileCostsAReadingOnly) {
  const card::testing::TemporaryCache cache;
  list();
  const std::size_t cold = commands.size();
  const auto objects =
      attribute(session, findOne(session, CKO_CERTIFICATE, kSignatureId), CKA_VALUE);
  ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  ASSERT_THAT(cache.files(), SizeIs(1));
  Bytes file = card::testing::TemporaryCache::read(cache.files().front());
  file[file.size() / 2] ^= 1;
  card::testing::TemporaryCache::write(cache.files().front(), file);
  list();
  EXPECT_EQ(commands.size(), cold);
  EXPECT_EQ(attribute(session, findOne(session, CKO_CERTIFICATE, kSignatureId), CKA_VALUE),
            objects);
}

}  // namespace
}  // namespace fncard::test
