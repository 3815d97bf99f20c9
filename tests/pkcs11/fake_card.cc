// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/fake_card.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace fncard::test {

namespace {

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

Context contextOf(EVP_PKEY* key) {
  return {EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), EVP_PKEY_CTX_free};
}

EVP_PKEY* generate(card::KeyAlgorithm algorithm) {
  switch (algorithm) {
    case card::KeyAlgorithm::EcP256:
      return EVP_EC_gen("P-256");
    case card::KeyAlgorithm::EcP384:
      return EVP_EC_gen("P-384");
    default:
      return EVP_RSA_gen(8 * static_cast<unsigned>(card::keySize(algorithm)));
  }
}

Bytes certify(EVP_PKEY* key) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 4711);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20260101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "20310101000000Z");
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("TEST HOLDER"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  X509_sign(certificate.get(), key, EVP_sha256());
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_X509(certificate.get(), &at);
  return der;
}

}  // namespace

const FakeKey& FakeKey::of(card::KeyAlgorithm algorithm) {
  static std::map<card::KeyAlgorithm, FakeKey> made;
  const auto found = made.find(algorithm);
  if (found != made.end()) {
    return found->second;
  }
  FakeKey key;
  key.pair = std::shared_ptr<EVP_PKEY>(generate(algorithm), EVP_PKEY_free);
  key.certificate = certify(key.pair.get());
  key.algorithm = algorithm;
  return made[algorithm] = std::move(key);
}

std::shared_ptr<FakeCardState> makeFakeCard(card::KeyAlgorithm algorithm, std::string cardNumber) {
  auto state = std::make_shared<FakeCardState>();
  state->identity.guid = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x47, 0x88,
                          0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x00};
  state->identity.cardNumber = std::move(cardNumber);
  state->keys[card::KeyRole::Signature] = FakeKey::of(algorithm);
  state->keys[card::KeyRole::KeyManagement] = FakeKey::of(algorithm);
  return state;
}

namespace {

tl::unexpected<card::Error> fails(card::ErrorCode code, std::optional<unsigned> tries = {}) {
  return tl::unexpected(card::Error{.code = code, .detail = "fake", .triesLeft = tries});
}

class FakeApplication : public card::CardApplication {
 public:
  explicit FakeApplication(std::shared_ptr<FakeCardState> state) : state_(std::move(state)) {
    ++state_->transactions;
  }
  ~FakeApplication() override { --state_->transactions; }
  FakeApplication(const FakeApplication&) = delete;
  FakeApplication& operator=(const FakeApplication&) = delete;

  const card::CardIdentity& identity() const override { return state_->identity; }

  card::Result<Bytes> readCertificate(card::KeyRole role) override {
    if (auto error = enter("certificate")) {
      return fails(*error);
    }
    const auto found = state_->keys.find(role);
    if (found == state_->keys.end()) {
      return fails(card::ErrorCode::ObjectNotFound);
    }
    return found->second.certificate;
  }

  card::Result<void> confirmCertificate(card::KeyRole) override {
    ++state_->confirmations;
    if (auto error = std::exchange(state_->nextError, std::nullopt)) {
      return fails(*error);
    }
    return {};
  }

  card::Result<card::PrintedInformation> readPrintedInformation() override {
    return fails(card::ErrorCode::Unsupported);
  }
  card::Result<card::PinStatus> pinStatus() override {
    if (auto error = enter("pin status")) {
      return fails(*error);
    }
    if (state_->verified) {
      return card::PinStatus{.verified = true};
    }
    return card::PinStatus{.triesLeft = state_->triesLeft, .blocked = state_->triesLeft == 0};
  }

  card::Result<void> verifyPin(const card::Pin& pin) override {
    if (auto error = enter("verify")) {
      return fails(*error);
    }
    const auto padded = pin.padded();
    std::string given(padded.begin(), padded.end());
    given.erase(std::min(given.find('\xFF'), given.size()));
    if (state_->triesLeft == 0) {
      return fails(card::ErrorCode::PinBlocked, 0);
    }
    state_->verified = given == state_->pin;
    if (!state_->verified) {
      --state_->triesLeft;
      return state_->triesLeft == 0 ? fails(card::ErrorCode::PinBlocked, 0)
                                    : fails(card::ErrorCode::PinIncorrect, state_->triesLeft);
    }
    state_->triesLeft = 3;
    fresh_ = true;
    return {};
  }

  card::Result<void> logOut() override {
    if (auto error = enter("log out")) {
      return fails(*error);
    }
    state_->verified = false;
    return {};
  }

  card::Result<void> changePin(const card::Pin& current, const card::Pin& next) override {
    if (auto verified = verifyPin(current); !verified) {
      return verified;
    }
    const auto padded = next.padded();
    state_->pin.assign(padded.begin(), padded.end());
    state_->pin.erase(std::min(state_->pin.find('\xFF'), state_->pin.size()));
    return {};
  }
  card::Result<void> unblockPin(const card::Puk&, const card::Pin&) override {
    return fails(card::ErrorCode::Unsupported);
  }
  card::Result<void> changePuk(const card::Puk&, const card::Puk&) override {
    return fails(card::ErrorCode::Unsupported);
  }

  card::Result<Bytes> sign(card::KeyRole role, card::KeyAlgorithm, ByteView input) override {
    if (auto error = enter("sign")) {
      return fails(*error);
    }
    if (!std::exchange(fresh_, false)) {
      return fails(card::ErrorCode::NotLoggedIn);
    }
    const FakeKey& key = state_->keys.at(role);
    if (card::isRsa(key.algorithm)) {
      return rawRsa(key, input);
    }
    const Context context = contextOf(key.pair.get());
    Bytes signature(160);
    std::size_t size = signature.size();
    if (EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_sign(context.get(), signature.data(), &size, input.data(), input.size()) != 1) {
      return fails(card::ErrorCode::CardFailed);
    }
    signature.resize(size);
    return signature;
  }

  card::Result<card::SecretBytes> decipher(card::KeyRole role, card::KeyAlgorithm,
                                           ByteView input) override {
    if (auto error = enter("decipher")) {
      return fails(*error);
    }
    if (!state_->verified) {
      return fails(card::ErrorCode::NotLoggedIn);
    }
    auto block = rawRsa(state_->keys.at(role), input);
    if (!block) {
      return tl::unexpected(block.error());
    }
    return card::SecretBytes::take(std::span<std::uint8_t>(*block));
  }

  card::Result<card::SecretBytes> agree(card::KeyRole role, card::KeyAlgorithm algorithm,
                                        ByteView point) override {
    if (auto error = enter("agree")) {
      return fails(*error);
    }
    if (!state_->verified) {
      return fails(card::ErrorCode::NotLoggedIn);
    }
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> peer(EVP_PKEY_new(), EVP_PKEY_free);
    const Context context = contextOf(state_->keys.at(role).pair.get());
    Bytes secret(card::keySize(algorithm));
    std::size_t size = secret.size();
    if (EVP_PKEY_copy_parameters(peer.get(), state_->keys.at(role).pair.get()) != 1 ||
        EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) != 1 ||
        EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
        EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) {
      return fails(card::ErrorCode::CardFailed);
    }
    return card::SecretBytes::take(std::span<std::uint8_t>(secret));
  }

 private:
  static card::Result<Bytes> rawRsa(const FakeKey& key, ByteView input) {
    const Context context = contextOf(key.pair.get());
    Bytes output(input.size());
    std::size_t size = output.size();
    if (EVP_PKEY_decrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
        EVP_PKEY_decrypt(context.get(), output.data(), &size, input.data(), input.size()) != 1) {
      return fails(card::ErrorCode::CardFailed);
    }
    return output;
  }

  std::optional<card::ErrorCode> enter(const char* what) {
    state_->log.emplace_back(what);
    if (const auto found = state_->during.find(what); found != state_->during.end()) {
      found->second();
    }
    return std::exchange(state_->nextError, std::nullopt);
  }

  std::shared_ptr<FakeCardState> state_;
  bool fresh_ = false;
};

class FakeOpenCard : public card::Card {
 public:
  FakeOpenCard(FakePc& pc, std::string reader, std::shared_ptr<FakeCardState> state,
               std::uint32_t eventCount)
      : pc_(pc), reader_(std::move(reader)), state_(std::move(state)), eventCount_(eventCount) {
    ++state_->connections;
  }
  ~FakeOpenCard() override { --state_->connections; }
  FakeOpenCard(const FakeOpenCard&) = delete;
  FakeOpenCard& operator=(const FakeOpenCard&) = delete;

  card::Result<std::unique_ptr<card::CardApplication>> begin() override {
    const std::lock_guard lock(pc_.mutex);
    const auto found = pc_.readers.find(reader_);
    if (pc_.stopped || found == pc_.readers.end() || found->second.card != state_ ||
        found->second.eventCount != eventCount_) {
      return fails(card::ErrorCode::CardRemoved);
    }
    return std::make_unique<FakeApplication>(state_);
  }
  card::Result<std::unique_ptr<card::CardApplication>> beginIfFree() override {
    if (pc_.busy) {
      return fails(card::ErrorCode::ReaderBusy);
    }
    return begin();
  }
  const card::CardIdentity& identity() const override { return state_->identity; }
  const std::string& readerName() const override { return reader_; }

 private:
  FakePc& pc_;
  std::string reader_;
  std::shared_ptr<FakeCardState> state_;
  std::uint32_t eventCount_;
};

class FakeReaders : public card::ReaderService {
 public:
  explicit FakeReaders(FakePc& pc) : pc_(pc) {}

  card::Result<std::vector<card::ReaderState>> readers() override {
    const std::lock_guard lock(pc_.mutex);
    return states();
  }
  card::Result<std::unique_ptr<card::Connection>> connect(const std::string&) override {
    return fails(card::ErrorCode::Unsupported);
  }
  card::Result<std::vector<card::ReaderState>> waitForChange(
      const std::vector<card::ReaderState>& known, std::chrono::milliseconds limit) override {
    std::unique_lock lock(pc_.mutex);
    if (pc_.stopped) {
      return fails(card::ErrorCode::NoService);
    }
    const unsigned cancels = pc_.cancels;
    ++pc_.waits;
    pc_.changed.notify_all();
    pc_.changed.wait_for(lock, limit, [&] { return pc_.cancels != cancels || !same(known); });
    --pc_.waits;
    if (pc_.cancels != cancels) {
      return fails(card::ErrorCode::Cancelled);
    }
    return states();
  }
  void cancelWait() override {
    const std::lock_guard lock(pc_.mutex);
    ++pc_.cancels;
    pc_.changed.notify_all();
  }

 private:
  card::Result<std::vector<card::ReaderState>> states() const {
    if (pc_.stopped) {
      return fails(card::ErrorCode::NoService);
    }
    std::vector<card::ReaderState> all;
    for (const auto& [name, reader] : pc_.readers) {
      all.push_back(
          {.name = name, .cardPresent = reader.card != nullptr, .eventCount = reader.eventCount});
    }
    return all;
  }
  bool same(const std::vector<card::ReaderState>& known) const {
    const auto now = states();
    return now && std::equal(now->begin(), now->end(), known.begin(), known.end(),
                             [](const auto& left, const auto& right) {
                               return left.name == right.name &&
                                      left.eventCount == right.eventCount;
                             });
  }

  FakePc& pc_;
};

}  // namespace

void FakePc::put(const std::string& reader, std::shared_ptr<FakeCardState> card) {
  const std::lock_guard lock(mutex);
  Reader& entry = readers[reader];
  if (entry.card != card) {
    ++entry.eventCount;
  }
  entry.card = std::move(card);
  changed.notify_all();
}

void FakePc::unplug(const std::string& reader) {
  const std::lock_guard lock(mutex);
  readers.erase(reader);
  changed.notify_all();
}

void FakePc::stopService(bool now) {
  const std::lock_guard lock(mutex);
  stopped = now;
  changed.notify_all();
}

pkcs11::Platform FakePc::platform() {
  pkcs11::Platform made{.readers = std::make_unique<FakeReaders>(*this), .settings = settings};
  made.openCard = [this](const std::string& name) -> card::Result<std::unique_ptr<card::Card>> {
    const std::lock_guard lock(mutex);
    const auto found = readers.find(name);
    if (found == readers.end() || found->second.card == nullptr) {
      return fails(card::ErrorCode::NoCard);
    }
    found->second.card->log.emplace_back("open");
    if (found->second.card->foreign) {
      return fails(card::ErrorCode::UnknownCard);
    }
    return std::make_unique<FakeOpenCard>(*this, name, found->second.card,
                                          found->second.eventCount);
  };
  return made;
}

}  // namespace fncard::test
