// SPDX-License-Identifier: Apache-2.0
// GENERAL AUTHENTICATE: SP 800-73-4 part 2 §3.2.4 and appendix A.
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/hw-sim/card_fixture.h"

namespace fncard::hw_sim::testing {
namespace {

CardState cardWithKeys() {
  CardState state = blankCard(true);
  for (const std::uint8_t reference :
       {piv::kAuthenticationKey, piv::kSignatureKey, piv::kCardAuthenticationKey}) {
    state.keys.insert_or_assign(reference, p256Key());
  }
  state.keys.insert_or_assign(0x9D, rsaKey());
  return state;
}

const std::string kDigest(64, '5');

class Authenticate : public CardTest {
 protected:
  Authenticate() : CardTest(cardWithKeys()) {}

  /// 7C { 82 00, 81 digest } with a P-256 key.
  std::string sign(const std::string& key) {
    return send("008711" + key + " 26 7C2482008120" + kDigest + "00");
  }
};

bool verifies(const PrivateKey& key, ByteView digest, ByteView signature) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key.handle(), nullptr);
  const bool good = EVP_PKEY_verify_init(context) == 1 &&
                    EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(),
                                    digest.size()) == 1;
  EVP_PKEY_CTX_free(context);
  return good;
}

TEST_F(Authenticate, TheSigningKeySignsADigestDirectlyAfterVerify) {
  send(kRightPin);
  const Bytes answer = hex(sign("9C"));
  const auto inner = wire::findTlv(answer, 0x7C);
  ASSERT_TRUE(inner);
  const auto signature = wire::findTlv(*inner, 0x82);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(verifies(p256Key(), hex(kDigest), *signature));
}

TEST_F(Authenticate, TheSigningKeyAsksForThePinEveryTime) {
  EXPECT_EQ(sign("9C"), "6982");
  send(kRightPin);
  EXPECT_EQ(statusOf(sign("9C")), "9000");
  EXPECT_EQ(sign("9C"), "6982");
}

TEST_F(Authenticate, AnyCommandBetweenVerifyAndTheSigningKeyEndsItsUse) {
  for (const char* between :
       {kSelect, "00200080", "00CB3FFF 05 5C035FC102 00", "00FD0000 00", "00B00000", "80200080",
        "00C00000FFFFFF", "00C00000 00", "00C00100 00", "10CB3FFF 01 5C", "10DB3FFF 01 5C",
        kWrongPin, "00200080 02 3132", "0020FF80", "00240080 10 363636363636FFFF 313131313131FFFF",
        "002C0080 10 3030303030303030 313131313131FFFF", "00A40400 05 F000000000",
        "0087119E 26 7C2482008120"
        "5555555555555555"
        "555555555555555555555555555555555555555555555555"
        "00"}) {
    card.reset();
    send(kSelect);
    send(kRightPin);
    send(between);
    EXPECT_EQ(sign("9C"), "6982") << between;
  }
}

TEST_F(Authenticate, AChainedCommandFollowsVerifyDirectly) {
  send(kRightPin);
  EXPECT_EQ(send("1087119C 04 7C248200"), "9000");
  EXPECT_EQ(statusOf(send("0087119C 22 8120" + kDigest + "00")), "9000");
}

// Part 1 §3.2.1: "immediately before": what the key refuses has used the PIN up as well
TEST_F(Authenticate, ARefusedUseOfTheSigningKeyUsesThePinUp) {
  send(kRightPin);
  EXPECT_EQ(send("0087119C 02 7C00 00"), "6A80");
  EXPECT_EQ(sign("9C"), "6982");
}

// Part 2 §3.2.4: another command in the middle takes the chain back as if it had never begun
TEST_F(Authenticate, AnInterruptedChainHasNoEffect) {
  for (const char* between : {"00200080", "00C00000 00", "00B00000", kSelect}) {
    send(kRightPin);
    EXPECT_EQ(send("1087119A 04 7C248200"), "9000");
    send(between);
    EXPECT_EQ(send("0087119A 22 8120" + kDigest + "00"), "6A80") << between;
    EXPECT_EQ(statusOf(sign("9A")), "9000") << between;
  }
}

// Part 1 table 4b: PIN, and part 2 §3.2.4: exponentiation is theirs; at the ends of the range
TEST(RetiredKeys, AreKeyManagementKeys) {
  CardState state = blankCard(true);
  const auto peer = PrivateKey::generate(KeyAlgorithm::P256);
  for (const std::uint8_t reference : {piv::kFirstRetiredKey, piv::kLastRetiredKey}) {
    state.keys.insert_or_assign(reference, p256Key());
  }
  MemoryStore store;
  SimulatedCard card(std::move(state), store);
  Bytes inner = hex("8200");
  wire::appendTlv(inner, 0x85, peer->publicPoint());
  for (const std::uint8_t reference : {piv::kFirstRetiredKey, piv::kLastRetiredKey}) {
    const Bytes agree =
        wire::CommandApdu{
            .ins = 0x87, .p1 = 0x11, .p2 = reference, .data = wire::encodeTlv(0x7C, inner)}
            .encode();
    card.reset();
    card.transmit(hex(kSelect));
    EXPECT_EQ(wire::toHex(card.transmit(agree)), "6982");
    card.transmit(hex(kRightPin));
    EXPECT_EQ(wire::toHex(card.transmit(agree)),
              "7C228220" + wire::toHex(*peer->ecdh(p256Key().publicPoint())) + "9000");
    EXPECT_EQ(wire::toHex(card.transmit(agree)).size(), 2 * 38U);  // once for all
  }
}

TEST_F(Authenticate, TheOtherPinKeysAskOnceAndTheCardKeyNever) {
  EXPECT_EQ(sign("9A"), "6982");
  EXPECT_EQ(statusOf(sign("9E")), "9000");
  send(kRightPin);
  EXPECT_EQ(statusOf(sign("9A")), "9000");
  EXPECT_EQ(statusOf(sign("9A")), "9000");
}

TEST_F(Authenticate, RsaIsTheRawPrivateOperationOnAFullBlock) {
  const Bytes message(256, 0x17);
  Bytes block(256);
  std::size_t size = block.size();
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(rsaKey().handle(), nullptr);
  ASSERT_EQ(EVP_PKEY_encrypt_init(context), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
  ASSERT_EQ(EVP_PKEY_encrypt(context, block.data(), &size, message.data(), message.size()), 1);
  EVP_PKEY_CTX_free(context);
  wire::CommandApdu command{.ins = 0x87, .p1 = 0x07, .p2 = 0x9D, .data = hex("7C8201068200")};
  wire::appendTlv(command.data, 0x81, block);
  command.le = 65'536;
  EXPECT_EQ(send(command, true), "6982");
  send(kRightPin);
  EXPECT_EQ(send(command, true), "7C82010482820100" + wire::toHex(message) + "9000");
}

TEST_F(Authenticate, RsaRefusesAnotherSizeAndANumberAboveTheModulus) {
  send(kRightPin);
  EXPECT_EQ(send("0087079D 26 7C2482008120" + kDigest + "00"), "6A80");
  wire::CommandApdu command{.ins = 0x87, .p1 = 0x07, .p2 = 0x9D, .data = hex("7C8201068200")};
  wire::appendTlv(command.data, 0x81, Bytes(256, 0xFF));
  EXPECT_EQ(send(command, true), "6A80");
}

TEST_F(Authenticate, EcdsaRefusesMoreThanACoordinate) {
  EXPECT_EQ(send("0087119E 27 7C2582008121" + kDigest + "55 00"), "6A80");
}

TEST_F(Authenticate, AlgorithmKeyAndSlotMustFit) {
  send(kRightPin);
  EXPECT_EQ(send("0087079A 26 7C2482008120" + kDigest + "00"), "6A86");
  EXPECT_EQ(send("00871182 26 7C2482008120" + kDigest + "00"), "6A86");
  EXPECT_EQ(send("0087119E 04 7C028200 00"), "6A80");
  EXPECT_EQ(send("0087119E 06 7C048200 8000 00"), "6A80");
  EXPECT_EQ(send("0087119E 03 7C0482 00"), "6A80");
  EXPECT_EQ(send("0087119E"), "6A80");
}

// Part 2 table 8 knows 6A86 for it
TEST(AuthenticateBlank, AnEmptySlotIsAnIncorrectP2) {
  MemoryStore store;
  SimulatedCard card(blankCard(true), store);
  card.transmit(hex(kSelect));
  EXPECT_EQ(wire::toHex(card.transmit(hex("0087119E 26 7C2482008120" + kDigest + "00"))), "6A86");
}

TEST(KeyAgreement, TheEncryptionKeyAgreesAndNoOtherKeyDoes) {
  for (const auto algorithm : {KeyAlgorithm::P256, KeyAlgorithm::P384}) {
    const auto own = PrivateKey::generate(algorithm);
    const auto peer = PrivateKey::generate(algorithm);
    CardState state = blankCard(true);
    state.keys.insert_or_assign(0x9D, *own);
    state.keys.insert_or_assign(0x9E, *own);
    MemoryStore store;
    SimulatedCard card(state, store);
    card.transmit(hex(kSelect));
    card.transmit(hex(kRightPin));
    Bytes inner = hex("8200");
    wire::appendTlv(inner, 0x85, peer->publicPoint());
    wire::CommandApdu agree{.ins = 0x87,
                            .p1 = static_cast<std::uint8_t>(algorithm),
                            .p2 = 0x9D,
                            .data = wire::encodeTlv(0x7C, inner)};
    const auto expected = peer->ecdh(own->publicPoint());
    EXPECT_EQ(wire::toHex(card.transmit(agree.encode())),
              wire::toHex(wire::encodeTlv(0x7C, wire::encodeTlv(0x82, *expected))) + "9000");
    agree.p2 = 0x9E;
    EXPECT_EQ(wire::toHex(card.transmit(agree.encode())), "6A80");
    agree.p2 = 0x9D;
    agree.data.back() ^= 1U;  // no longer on the curve
    EXPECT_EQ(wire::toHex(card.transmit(agree.encode())), "6A80");
  }
}

class Management : public ::testing::TestWithParam<BlockCipher> {
 protected:
  Management() : card(stateWith(GetParam()), store) { card.transmit(hex(kSelect)); }

  static CardState stateWith(BlockCipher cipher) {
    CardState state = blankCard(true);
    state.management = {.cipher = cipher, .key = randomBytes(keySize(cipher))};
    return state;
  }
  std::string send(const Bytes& objects) {
    const wire::CommandApdu command{.ins = 0x87,
                                    .p1 = static_cast<std::uint8_t>(GetParam()),
                                    .p2 = 0x9B,
                                    .data = wire::encodeTlv(0x7C, objects)};
    return wire::toHex(card.transmit(command.encode()));
  }
  /// The value of a one-object answer template.
  static Bytes valueOf(const std::string& answer) {
    return hex(answer.substr(8, answer.size() - 12));
  }
  [[nodiscard]] Bytes decrypt(ByteView block) const {
    const EVP_CIPHER* cipher = GetParam() == BlockCipher::TripleDes ? EVP_des_ede3_ecb()
                               : GetParam() == BlockCipher::Aes128  ? EVP_aes_128_ecb()
                               : GetParam() == BlockCipher::Aes192  ? EVP_aes_192_ecb()
                                                                    : EVP_aes_256_ecb();
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    Bytes out(block.size() + 16);
    int size = 0;
    EVP_DecryptInit_ex(context, cipher, nullptr, card.state().management.key.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(context, 0);
    EVP_DecryptUpdate(context, out.data(), &size, block.data(), static_cast<int>(block.size()));
    EVP_CIPHER_CTX_free(context);
    out.resize(static_cast<std::size_t>(size));
    return out;
  }
  [[nodiscard]] Bytes encrypt(ByteView block) const {
    return *encryptBlock(GetParam(), card.state().management.key, block);
  }
  bool mayWrite() {
    return wire::toHex(card.transmit(hex("00DB3FFF 08 5C035FC102 530101"))) == "9000";
  }
  static Bytes objects(std::uint32_t firstTag, ByteView first, std::uint32_t secondTag = 0,
                       ByteView second = {}) {
    Bytes out = wire::encodeTlv(firstTag, first);
    if (secondTag != 0) {
      wire::appendTlv(out, secondTag, second);
    }
    return out;
  }

  MemoryStore store;
  SimulatedCard card;
};

TEST_P(Management, MutualAuthenticationOpensAdministration) {
  const Bytes witness = decrypt(valueOf(send(objects(0x80, {}))));
  const Bytes challenge = randomBytes(blockSize(GetParam()));
  EXPECT_FALSE(mayWrite());
  const Bytes again = decrypt(valueOf(send(objects(0x80, {}))));
  EXPECT_NE(witness, again);
  const std::string answer = send(objects(0x80, again, 0x81, challenge));
  EXPECT_EQ(valueOf(answer), encrypt(challenge));
  EXPECT_TRUE(mayWrite());
}

TEST_P(Management, AWrongWitnessIsRefusedAndGoodForOneTryOnly) {
  const Bytes challenge = randomBytes(blockSize(GetParam()));
  const Bytes witness = decrypt(valueOf(send(objects(0x80, {}))));
  Bytes wrong = witness;
  wrong[0] ^= 1U;
  EXPECT_EQ(send(objects(0x80, wrong, 0x81, challenge)), "6982");
  EXPECT_EQ(send(objects(0x80, witness, 0x81, challenge)), "6982");
  EXPECT_FALSE(mayWrite());
}

TEST_P(Management, ExternalAuthenticationOpensAdministration) {
  const Bytes challenge = valueOf(send(objects(0x81, {})));
  EXPECT_EQ(send(objects(0x82, encrypt(challenge))), "9000");
  EXPECT_TRUE(mayWrite());
}

TEST_P(Management, AnAnswerToAnotherQuestionIsRefused) {
  EXPECT_EQ(send(objects(0x82, encrypt(Bytes(blockSize(GetParam()))))), "6982");
  const Bytes challenge = valueOf(send(objects(0x81, {})));
  card.transmit(hex("00200080"));
  EXPECT_EQ(send(objects(0x82, encrypt(challenge))), "6982");
  // a witness is not a challenge to be sent back
  const Bytes sealed = valueOf(send(objects(0x80, {})));
  EXPECT_EQ(send(objects(0x82, sealed)), "6982");
  EXPECT_FALSE(mayWrite());
}

// Part 2 §2.4.2: a failed protocol sets the security status to FALSE
TEST_P(Management, AFailedAuthenticationEndsAnEarlierOne) {
  const Bytes block(blockSize(GetParam()));
  for (const Bytes& wrong : {objects(0x82, block), objects(0x80, block, 0x81, block)}) {
    const Bytes challenge = valueOf(send(objects(0x81, {})));
    send(objects(0x82, encrypt(challenge)));
    ASSERT_TRUE(mayWrite());
    EXPECT_EQ(send(wrong), "6982");
    EXPECT_FALSE(mayWrite());
  }
}

// GET RESPONSE belongs to the command before it
TEST_P(Management, AChallengeMayBeFetchedInParts) {
  const std::string algorithm = wire::toHex(Bytes{static_cast<std::uint8_t>(GetParam())});
  std::string answer =
      wire::toHex(card.transmit(hex("0087" + algorithm + "9B 04 7C028100 06"))).substr(0, 12);
  answer += wire::toHex(card.transmit(hex("00C00000 00")));
  EXPECT_EQ(send(objects(0x82, encrypt(valueOf(answer)))), "9000");
  EXPECT_TRUE(mayWrite());
}

TEST_P(Management, TheCardEncryptsNothingForAStranger) {
  EXPECT_EQ(send(objects(0x81, Bytes(blockSize(GetParam())), 0x82, {})), "6A80");
}

TEST_P(Management, AnotherAlgorithmIsRefused) {
  const std::uint8_t other = GetParam() == BlockCipher::Aes128 ? 0x0C : 0x08;
  const wire::CommandApdu command{.ins = 0x87, .p1 = other, .p2 = 0x9B, .data = hex("7C028000")};
  EXPECT_EQ(wire::toHex(card.transmit(command.encode())), "6A86");
}

TEST_P(Management, ResetEndsAdministration) {
  const Bytes challenge = valueOf(send(objects(0x81, {})));
  send(objects(0x82, encrypt(challenge)));
  card.reset();
  card.transmit(hex(kSelect));
  EXPECT_FALSE(mayWrite());
}

std::string nameOf(const ::testing::TestParamInfo<BlockCipher>& info) {
  switch (info.param) {
    case BlockCipher::TripleDes:
      return "TripleDes";
    case BlockCipher::Aes128:
      return "Aes128";
    case BlockCipher::Aes192:
      return "Aes192";
    case BlockCipher::Aes256:
      break;
  }
  return "Aes256";
}

INSTANTIATE_TEST_SUITE_P(Ciphers, Management,
                         ::testing::Values(BlockCipher::TripleDes, BlockCipher::Aes128,
                                           BlockCipher::Aes192, BlockCipher::Aes256),
                         nameOf);

}  // namespace
}  // namespace fncard::hw_sim::testing
