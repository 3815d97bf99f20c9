// SPDX-License-Identifier: Apache-2.0
// Everything that a program does with a card, while the card lies whenever the input says so: it
// ends, nothing crashes, the PIN is sent in its own commands only, and no try is spent twice.
//
// Input: one byte number of operations, the operations, then what becomes of each exchange: one
// byte kind, and a record where the kind wants one. After the last exchange the card is honest.
#include <algorithm>
#include <array>
#include <optional>

#include "card/card.h"
#include "card/piv/administration.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;
using namespace fncard::card;
using card::testing::FunctionReaders;
using card::testing::MemoryCard;

constexpr std::size_t kMaxOperations = 16;
/// After an operation of so many exchanges the card is known to answer without end: the next ones
/// would only take time.
constexpr unsigned kEndless = 500;
/// Four sends an operation at most (again after SELECT and CHUID), each with a chain and an answer
/// of the most pieces.
constexpr unsigned kMostExchanges = 4 * 2 * (514 + 257);
constexpr std::uint8_t kVerify = 0x20;

enum Kind : std::uint8_t {
  Honest,
  Replaced,     ///< the record is the answer
  OtherStatus,  ///< the honest data, the record's first two bytes as status word
  Changed,      ///< the record is added to the honest data byte by byte, modulo 256
  CutOff,       ///< as many of the last bytes are missing as the record has
  Longer,       ///< the record after the honest data
  Mute,
  Removed,
  Deselected,  ///< another program selected another application
  ForEver,     ///< the record answers this and every later exchange
};

std::unique_ptr<MemoryCard> honestCard() {
  static const auto model = card::testing::personalisedCard(KeyAlgorithm::EcP256);
  auto card = std::make_unique<MemoryCard>();
  card->objects = model->objects;
  for (const auto& [reference, key] : model->keys) {
    EVP_PKEY_up_ref(key.get());
    card->keys[reference] = card::testing::Key(key.get());
  }
  return card;
}

class LyingCard {
 public:
  explicit LyingCard(fuzz::Input& input) : input_(input) {}

  Result<wire::ResponseApdu> operator()(ByteView command) {
    checkPin(command);
    auto answer = answerTo(command);
    if (sendsPin(command) && answer && answer->status.triesLeft()) {
      tryAnswered_ = true;
    }
    return answer;
  }

  void beginOperation() { tryAnswered_ = false; }

 private:
  static bool sendsPin(ByteView command) { return command[1] == kVerify && command.size() > 5; }

  void checkPin(ByteView command) const {
    static constexpr std::array<std::uint8_t, 3> kMayCarryPin{kVerify, 0x24, 0x2C};
    const Bytes pin = card::testing::padded("123456");
    const bool carries =
        std::search(command.begin(), command.end(), pin.begin(), pin.end()) != command.end();
    fuzz::require(!carries || std::ranges::find(kMayCarryPin, command[1]) != kMayCarryPin.end(),
                  "the PIN is sent in its own commands only");
    fuzz::require(!sendsPin(command) || !tryAnswered_, "a PIN that was refused is not sent again");
  }

  Result<wire::ResponseApdu> answerTo(ByteView command) {
    if (forEver_) {
      return replaced(*forEver_);
    }
    const auto kind = static_cast<Kind>(input_.byte() % (ForEver + 1));
    if (kind == Mute || kind == Removed) {
      return failed(kind == Mute ? ErrorCode::CardMute : ErrorCode::CardRemoved, "fuzz");
    }
    if (kind == Deselected) {
      card_->deselect();
    }
    if (kind == Honest || kind == Deselected) {
      return card_->process(command);
    }
    const ByteView record = input_.record();
    if (kind == ForEver) {
      forEver_ = Bytes(record.begin(), record.end());
    }
    return kind == Replaced || kind == ForEver ? replaced(record)
                                               : bent(kind, card_->process(command), record);
  }

  static Result<wire::ResponseApdu> replaced(ByteView record) {
    const auto answer = wire::ResponseApdu::parse(record);
    return answer ? Result<wire::ResponseApdu>(*answer) : failed(ErrorCode::CardMute, "fuzz");
  }

  static wire::ResponseApdu bent(Kind kind, wire::ResponseApdu answer, ByteView record) {
    if (kind == OtherStatus && record.size() >= 2) {
      answer.status = wire::ResponseApdu::parse(record.first(2))->status;
    } else if (kind == Changed) {
      for (std::size_t i = 0; i < std::min(record.size(), answer.data.size()); ++i) {
        answer.data[i] = static_cast<std::uint8_t>(answer.data[i] + record[i]);
      }
    } else if (kind == CutOff) {
      answer.data.resize(answer.data.size() - std::min(record.size(), answer.data.size()));
    } else if (kind == Longer) {
      answer.data.insert(answer.data.end(), record.begin(), record.end());
    }
    return answer;
  }

  fuzz::Input& input_;
  std::unique_ptr<MemoryCard> card_ = honestCard();
  std::optional<Bytes> forEver_;
  bool tryAnswered_ = false;
};

Pin pin() {
  return card::testing::makePin("123456");
}

Puk puk() {
  Bytes bytes{'1', '2', '3', '4', '5', '6', '7', '8'};
  return *Puk::take(bytes);
}

KeyAlgorithm algorithmFrom(unsigned choice) {
  constexpr std::array kAlgorithms{KeyAlgorithm::EcP256, KeyAlgorithm::Rsa2048,
                                   KeyAlgorithm::EcP384, KeyAlgorithm::Rsa4096};
  return kAlgorithms[choice % kAlgorithms.size()];
}

KeyRole roleFrom(unsigned choice) {
  constexpr std::array kRoles{KeyRole::Signature, KeyRole::KeyManagement,
                              KeyRole::CardAuthentication};
  return kRoles[choice % kRoles.size()];
}

Bytes pointOf(KeyAlgorithm algorithm) {
  // a point on P-256, so that an honest card agrees; on another curve any bytes
  static const Bytes generator = *wire::fromHex(
      "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
      "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
  Bytes point = generator;
  point.resize(2 * keySize(algorithm) + 1, 0x01);
  return point;
}

void usePrivateKey(CardApplication& application, unsigned choice) {
  const KeyAlgorithm algorithm = algorithmFrom(choice / 16);
  const std::size_t size = keySize(algorithm);
  if (choice % 3 == 0) {
    const auto signature =
        application.sign(roleFrom(choice / 4), algorithm, Bytes(isRsa(algorithm) ? size : 32, 1));
    fuzz::require(!signature || !isRsa(algorithm) || signature->size() == size,
                  "a signature has the size of the key");
    return;
  }
  const auto secret = isRsa(algorithm)
                          ? application.decipher(roleFrom(choice / 4), algorithm, Bytes(size, 1))
                          : application.agree(roleFrom(choice / 4), algorithm, pointOf(algorithm));
  fuzz::require(!secret || secret->size() == size, "a secret has the size of the key");
}

void everyday(CardApplication& application, unsigned choice) {
  switch (choice % 8) {
    case 0: {
      const auto certificate = application.readCertificate(roleFrom(choice / 8));
      fuzz::require(!certificate || certificate->size() <= 16'384, "a certificate has a limit");
      break;
    }
    case 1:
      (void)application.pinStatus();
      break;
    case 2:
      (void)application.verifyPin(pin());
      break;
    case 3:
      (void)application.readPrintedInformation();
      break;
    case 4:
      (void)application.changePin(pin(), pin());
      break;
    case 5:
      (void)application.unblockPin(puk(), pin());
      break;
    case 6:
      (void)application.changePuk(puk(), puk());
      break;
    default:
      usePrivateKey(application, choice / 8);
  }
}

void administer(FunctionReaders& readers, const std::string& reader, unsigned choice) {
  const auto administration = piv::beginAdministration(readers, reader);
  if (!administration) {
    return;
  }
  Bytes bytes = MemoryCard().managementKey;
  const SecretBytes key = SecretBytes::take(bytes);
  const auto algorithm = piv::ManagementAlgorithm::TripleDes;
  (void)(*administration)->authenticate(algorithm, key);
  switch (choice % 4) {
    case 0:
      (void)(*administration)->generateKey(roleFrom(choice / 4), KeyAlgorithm::EcP256);
      break;
    case 1:
      (void)(*administration)->setManagementKey(algorithm, key);
      break;
    case 2:
      (void)(*administration)->writeObject(piv::Object::Ccc, Bytes(600, 0x42));
      break;
    default:
      (void)(*administration)->readObject(piv::Object::Discovery);
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  return ::setenv("FNCARD_CACHE", "off", 1);  // NOLINT(concurrency-mt-unsafe): the only thread
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static std::size_t runs = 0;  // the library remembers readers by name: each run has its own
  const std::string reader = "Reader " + std::to_string(++runs);
  fuzz::Input input(bytes, size);
  Bytes operations(std::min<std::size_t>(input.byte(), kMaxOperations));
  std::ranges::generate(operations, [&] { return input.byte(); });
  LyingCard lying(input);
  FunctionReaders readers([&](ByteView command) { return lying(command); }, reader);

  std::unique_ptr<Card> card;
  std::unique_ptr<CardApplication> application;
  for (const unsigned operation : operations) {
    lying.beginOperation();
    readers.clearCounts();
    const unsigned choice = operation / 4;
    if (operation % 4 == 0) {
      application.reset();
      administer(readers, reader, choice);
    } else if (operation % 4 == 1 ||
               !application) {  // another transaction, of a new card if need be
      application.reset();
      if (!card || choice == 0) {
        card = openAnyCard(readers).value_or(nullptr);
      }
      application = card ? card->begin().value_or(nullptr) : nullptr;
    } else {
      everyday(*application, operation / 2);
    }
    fuzz::require(readers.exchanges() <= kMostExchanges, "every operation ends");
    if (readers.exchanges() > kEndless) {
      break;
    }
  }
  return 0;
}
