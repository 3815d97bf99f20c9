// SPDX-License-Identifier: Apache-2.0
#include "card/piv/administration.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <utility>

#include "card/piv/application.h"
#include "card/piv/commands.h"
#include "card/piv/management_key.h"
#include "card/piv/public_key.h"
#include "card/piv/status.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kPutData = 0xDB;
constexpr std::uint8_t kGenerateKeyPair = 0x47;
constexpr std::uint8_t kSetManagementKey = 0xFF;  // common among vendors, not in SP 800-73
constexpr std::uint8_t kAdministrationKey = 0x9B;

constexpr std::uint32_t kWitness = 0x80;
constexpr std::uint32_t kControlReference = 0xAC;
constexpr std::uint32_t kAlgorithm = 0x80;
constexpr std::size_t kMaxObject = 60'000;

class PivAdministration final : public Administration {
 public:
  PivAdministration(std::shared_ptr<CardState> state, std::unique_ptr<Transaction> transaction)
      : application_(std::move(state), std::move(transaction), true) {}

  CardApplication& application() override { return application_; }

  Result<void> authenticate(ManagementAlgorithm algorithm, const SecretBytes& key) override {
    const auto witness = askWitness(algorithm);
    if (!witness) {
      return tl::unexpected(witness.error());
    }
    const auto answered = decryptBlock(algorithm, key, *witness);
    if (!answered) {
      return tl::unexpected(answered.error());
    }
    Bytes challenge(blockSize(algorithm));
    if (RAND_bytes(challenge.data(), static_cast<int>(challenge.size())) != 1) {
      return failed(ErrorCode::Internal, "RAND_bytes");
    }
    const auto expected = encryptBlock(algorithm, key, challenge);
    if (!expected) {
      return tl::unexpected(expected.error());
    }
    return proveBothSides(algorithm, answered->bytes(), challenge, expected->bytes());
  }

  Result<void> setManagementKey(ManagementAlgorithm algorithm, const SecretBytes& key) override {
    if (key.size() != managementKeySize(algorithm)) {
      return failed(ErrorCode::Internal, "administration key of the wrong size");
    }
    wire::CommandApdu command{.ins = kSetManagementKey, .p1 = 0xFF, .p2 = 0xFF};
    command.data.reserve(key.size() + 3);
    command.data = {static_cast<std::uint8_t>(algorithm), kAdministrationKey,
                    static_cast<std::uint8_t>(key.size())};
    command.data.insert(command.data.end(), key.bytes().begin(), key.bytes().end());
    auto answer = send(command, "SET MANAGEMENT KEY");
    wipe(command.data);
    return answer ? Result<void>() : tl::unexpected(std::move(answer.error()));
  }

  Result<Bytes> generateKey(KeyRole role, KeyAlgorithm algorithm) override {
    const std::uint8_t id = algorithmId(algorithm);
    const auto answer =
        send({.ins = kGenerateKeyPair,
              .p2 = keyReference(role),
              .data = wire::encodeTlv(kControlReference, wire::encodeTlv(kAlgorithm, {&id, 1})),
              .le = isRsa(algorithm) ? wire::kMaxExtendedResponse : wire::kMaxShortResponse},
             "GENERATE ASYMMETRIC KEY PAIR");
    if (!answer) {
      return tl::unexpected(answer.error());
    }
    forgetCertificates();
    return subjectPublicKeyInfo(algorithm, answer->data);
  }

  Result<void> writeObject(Object object, ByteView content) override {
    if (content.size() > kMaxObject) {
      return failed(ErrorCode::Internal, "object too large");
    }
    // the Discovery object is its own template and is named by it (§3.3.1)
    Bytes data = object == Object::Discovery ? Bytes() : tagList(object);
    wire::appendTlv(data, templateTag(object), content);
    auto answer =
        send({.ins = kPutData, .p1 = 0x3F, .p2 = 0xFF, .data = std::move(data)}, "PUT DATA");
    if (!answer) {
      return tl::unexpected(std::move(answer.error()));
    }
    forgetCertificates();
    if (const auto written = parseChuid(content); object == Object::Chuid && written) {
      CertificateCache::ofUser().remove(*written);
    }
    return {};
  }

  Result<Bytes> readObject(Object object) override { return application_.readObject(object); }

 private:
  /// What was read before, here or by any program of this user, may not be true any more.
  void forgetCertificates() {
    application_.forgetCertificates();
    CertificateCache::ofUser().remove(application_.identity());
  }

  Result<wire::ResponseApdu> send(const wire::CommandApdu& command, std::string_view what) {
    auto answer = application_.send(command);
    if (answer && !answer->status.ok()) {
      return tl::unexpected(toError(answer->status, what, After::Protected));
    }
    return answer;
  }

  Result<Bytes> askWitness(ManagementAlgorithm algorithm) {
    const auto answer =
        send(generalAuthenticate(static_cast<std::uint8_t>(algorithm), kAdministrationKey,
                                 wire::encodeTlv(kWitness, {}), 0),
             "GENERAL AUTHENTICATE, witness");
    if (!answer) {
      return tl::unexpected(answer.error());
    }
    const auto witness = templatePart(*answer, kDynamicAuthentication, kWitness);
    if (!witness || witness->size() != blockSize(algorithm)) {
      return failed(ErrorCode::Malformed, "witness of another size than the cipher's block");
    }
    return Bytes(witness->begin(), witness->end());
  }

  Result<void> proveBothSides(ManagementAlgorithm algorithm, ByteView witness, ByteView challenge,
                              ByteView expected) {
    Bytes parts = wire::encodeTlv(kWitness, witness);
    wire::appendTlv(parts, kChallenge, challenge);
    const auto answer = send(
        generalAuthenticate(static_cast<std::uint8_t>(algorithm), kAdministrationKey, parts, 0),
        "GENERAL AUTHENTICATE, challenge");
    wipe(parts);
    if (!answer) {
      return tl::unexpected(answer.error());
    }
    const auto response = templatePart(*answer, kDynamicAuthentication, kResponse);
    if (!response || response->size() != expected.size() ||
        CRYPTO_memcmp(response->data(), expected.data(), expected.size()) != 0) {
      return failed(ErrorCode::Malformed, "the card does not hold the administration key");
    }
    return {};
  }

  PivApplication application_;
};

}  // namespace

Result<std::unique_ptr<Administration>> beginAdministration(ReaderService& service,
                                                            const std::string& readerName) {
  auto opened = connectAndSelect(service, readerName);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  Channel channel(*opened->transaction, readerName);
  auto identity = readIdentity(channel);
  if (!identity && identity.error().code == ErrorCode::CardRemoved) {
    return tl::unexpected(identity.error());
  }
  // the station reads what is on the card, never what a cache has of it
  auto state =
      std::make_shared<CardState>(std::move(opened->connection), identity.value_or(CardIdentity{}),
                                  CertificateCache({}), false);
  return std::make_unique<PivAdministration>(std::move(state), std::move(opened->transaction));
}

}  // namespace fncard::card::piv
